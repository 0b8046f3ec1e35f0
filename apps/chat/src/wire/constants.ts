// The numbers of `chat.v1.json` that both ends share.

export const SUBPROTOCOL = 'chat.v1.json'
export const VERSION = 1

/** Bytes of a client's frame; UTF-16 units of a message, a topic, a name and the name of a room. */
export const MAX_FRAME = 16 * 1024
export const MAX_BODY = 4000
export const MAX_TOPIC = 200
export const MAX_NICK = 32
export const MAX_ROOM = 32
export const MAX_QUERY = 200
export const MAX_EMOJI_LENGTH = 32
/** … of a password, and of any other text: a token, a reason. */
export const MIN_PASSWORD = 8
export const MAX_TEXT = 200

/** Most entries of a page of history or of a `sync`; most hits of a search. */
export const MAX_PAGE = 100
export const MAX_HITS = 50

/** Members are listed by name up to this number. */
export const MAX_LISTED = 200

/**
 * Milliseconds: for the first `hello`; of silence after which a client pings; between two "typing",
 * and until it is forgotten.
 */
export const HELLO_TIMEOUT = 10_000
export const HEARTBEAT = 25_000
export const TYPING_INTERVAL = 3000
export const TYPING_TIMEOUT = 6000

/** Seconds that a ban, a mute or slow mode can last: ten years. */
export const MAX_SECONDS = 315_360_000

/** Rooms that one connection may be in; rooms that may be created. */
export const MAX_ROOMS = 100
export const MAX_ROOMS_MADE = 1000

/** Sends of one connection that may wait for their reply. */
export const MAX_PENDING = 16

/** The room that is always there. */
export const LOBBY = 'lobby'

/**
 * 4000 to 4499: reconnect. 4500 to 4999: do not, unless the user requests it. 4003 is used by
 * clients: a client that does not answer pings does not read a Close frame either, and sees 1006
 * with the same meaning.
 */
export const CloseCode = {
  noHello: 4000,
  tooSlow: 4001,
  noHeartbeat: 4003,
  badFrame: 4500,
  badToken: 4501,
  kicked: 4502,
  banned: 4503,
  version: 4505,
  flooding: 4506,
} as const

/** The reason for `badToken` when the session was closed by another connection of its user. */
export const SESSION_ENDED = 'This session was ended in another window.'
