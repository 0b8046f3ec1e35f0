// What the keys are called. One chat has one database of a Redis for itself; channels know no databases, so theirs is in their names.

/** The process of Redis that was last written to, and what it promised. */
export const SERVER = 'chat:server'
/** Names of all rooms, in their order. */
export const ROOMS = 'chat:rooms'
/** The last place among the entries of all rooms. */
export const IDS = 'chat:ids'
/** The epochs of rooms that were removed, by when; those of long ago are forgotten. */
export const REMOVED = 'chat:removed'
/** Ids of users by the keys of their nicks. */
export const NICKS = 'chat:nicks'
/** What hashes of addresses are salted with. */
export const SALT = 'chat:salt'
/** Until when an address is banned from a room; expires then. */
export const addressBanKey = (room: string, address: string) => `chat:address-ban:${room}:${address}`
/** Set when the looks of all nicks of before there were looks have been written. */
export const LOOKS_WRITTEN = 'chat:looks-written'
/** In front of a look: ids of users by the keys of those of their nicks that look so. Some of it may be of before. */
export const LOOK = 'chat:look:'
/** In front of the key and of the look of a nick that rests: until when, a space, the id of its last holder. */
export const RESTING = 'chat:resting:'
export const RESTING_LOOK = 'chat:resting-look:'
/** Guests without a session by when they were made, or their session was closed; sessions by when they end. */
export const GUESTS = 'chat:guests'
export const SESSIONS = 'chat:sessions'

/** In front of a room's name: epoch, top, oldest. */
export const ROOM = 'chat:room:'
/** In front of a room's name: the ids of its members. */
export const MEMBERS = 'chat:members:'
/** In front of a user's id: the account; the hashes of its sessions; where it has signed in from, by when; how far it has read its rooms. In front of a hash: a session. */
export const ACCOUNT = 'chat:account:'
export const SESSIONS_OF = 'chat:sessions-of:'
export const ADDRESSES = 'chat:addresses:'
export const READ = 'chat:read:'
export const SESSION = 'chat:session:'

export const roomKey = (room: string) => `${ROOM}${room}`
/** A stream: what was published, by position. */
export const logKey = (room: string) => `chat:log:${room}`
/** Positions by who sent what. */
export const cidsKey = (room: string) => `chat:cids:${room}`
/** What has become of messages, by position. */
export const foldsKey = (room: string) => `chat:folds:${room}`
/** What is in force. */
export const stateKey = (room: string) => `chat:state:${room}`
/** Who is there. */
export const hereKey = (room: string) => `chat:here:${room}`
export const membersKey = (room: string) => `${MEMBERS}${room}`
export const accountKey = (id: string) => `${ACCOUNT}${id}`
export const addressesKey = (user: string) => `${ADDRESSES}${user}`
export const readKey = (user: string) => `${READ}${user}`
export const sessionKey = (hash: string) => `${SESSION}${hash}`
export const allowanceKey = (kind: string, key: string) => `chat:allowance:${kind}:${key}`

/** In front of the name of a room: its channel. */
export const channelPrefix = (database: number) => `chat:${database}:`
