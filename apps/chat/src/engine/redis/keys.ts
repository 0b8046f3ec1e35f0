// The names of keys. A chat has a database of a Redis to itself; channels are shared by all
// databases, so their names contain its number.

/** The Redis process that was last written to, and whether it is durable. */
export const SERVER = 'chat:server'
/** Names of all rooms, in their order. */
export const ROOMS = 'chat:rooms'
/** The last place among the entries of all rooms. */
export const IDS = 'chat:ids'
/** The epochs of rooms that were removed, by when; those of long ago are forgotten. */
export const REMOVED = 'chat:removed'
/** Ids of users by the keys of their names. */
export const NICKS = 'chat:nicks'
/** The salt for hashes of addresses. */
export const SALT = 'chat:salt'
/** Until when an address is banned from a room; expires then. */
export const addressBanKey = (room: string, address: string) => `chat:address-ban:${room}:${address}`
/** Set once the looks of all names of earlier versions have been written. */
export const LOOKS_WRITTEN = 'chat:looks-written'
/**
 * Prefix of a look: ids of users by the keys of their names with this look. May contain outdated
 * entries.
 */
export const LOOK = 'chat:look:'
/**
 * Guests without a session by the time of their creation or of the end of a session; sessions by
 * expiry.
 */
export const GUESTS = 'chat:guests'
export const SESSIONS = 'chat:sessions'

/** In front of a room's name: epoch, top, oldest. */
export const ROOM = 'chat:room:'
/** In front of a room's name: the ids of its members. */
export const MEMBERS = 'chat:members:'
/**
 * In front of a user's id: the account; the hashes of its sessions; where it has signed in from, by
 * when; how far it has read its rooms. In front of a hash: a session.
 */
export const ACCOUNT = 'chat:account:'
export const SESSIONS_OF = 'chat:sessions-of:'
export const ADDRESSES = 'chat:addresses:'
export const READ = 'chat:read:'
export const SESSION = 'chat:session:'

export const roomKey = (room: string) => `${ROOM}${room}`
/** A stream of the published entries by position. */
export const logKey = (room: string) => `chat:log:${room}`
/** Positions by user and cid. */
export const cidsKey = (room: string) => `chat:cids:${room}`
/** The folds of messages by position. */
export const foldsKey = (room: string) => `chat:folds:${room}`
/** The state of a room. */
export const stateKey = (room: string) => `chat:state:${room}`
/** The users in a room. */
export const hereKey = (room: string) => `chat:here:${room}`
export const membersKey = (room: string) => `${MEMBERS}${room}`
export const accountKey = (id: string) => `${ACCOUNT}${id}`
export const addressesKey = (user: string) => `${ADDRESSES}${user}`
export const readKey = (user: string) => `${READ}${user}`
export const sessionKey = (hash: string) => `${SESSION}${hash}`
export const allowanceKey = (kind: string, key: string) => `chat:allowance:${kind}:${key}`

/** In front of the name of a room: its channel. */
export const channelPrefix = (database: number) => `chat:${database}:`
