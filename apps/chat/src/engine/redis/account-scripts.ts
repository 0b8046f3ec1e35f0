// What Redis does with accounts and sessions in one piece each. An account is a hash, and so is a session (user, expires).

import { NAME_REST } from '../engine.ts'
import { IN_FORCE } from './guard.ts'
import { ACCOUNT, LOOK, NICKS, RESTING, RESTING_LOOK } from './keys.ts'
import { script } from './script.ts'

/** Most sessions, and most guests, that are removed at once. */
const SWEPT_AT_ONCE = 500

/**
 * Lua. Ends the membership of a user: of one room, or of all where `room` is nothing. `read`: the rooms of the user; `members`: what
 * stands in front of a room's name.
 */
export const END_MEMBERSHIP = `
  local function end_membership(read, members, user, room)
    for _, name in ipairs(room ~= '' and { room } or redis.call('HKEYS', read)) do
      redis.call('HDEL', read, name)
      redis.call('SREM', members .. name, user)
    end
  end
`

/** Nodes of an earlier version know nothing of looks: what they leave behind is passed over. */
const NICK_FUNCTIONS = `
  local function rests(resting, id, now)
    local until_, user = string.match(redis.call('GET', resting) or '', '^(%d+) (.*)$')
    return user and user ~= id and tonumber(until_) > now
  end

  local function obstacle(id, key, look, now)
    local holder = redis.call('HGET', '${NICKS}', key)
    if holder then return holder ~= id and 'taken' or nil end
    local alike = redis.call('HGETALL', '${LOOK}' .. look)
    for i = 1, #alike, 2 do
      if alike[i + 1] ~= id then
        if redis.call('HGET', '${NICKS}', alike[i]) == alike[i + 1] then return 'alike' end
        redis.call('HDEL', '${LOOK}' .. look, alike[i])
      end
    end
    if rests('${RESTING}' .. key, id, now) or rests('${RESTING_LOOK}' .. look, id, now) then return 'resting' end
  end

  local function give(id, nick, key, look, now)
    local before = redis.call('HMGET', '${ACCOUNT}' .. id, 'key', 'look')
    if before[1] and before[1] ~= key then
      redis.call('HDEL', '${NICKS}', before[1])
      local rest = string.format('%.0f', now + ${NAME_REST}) .. ' ' .. id
      redis.call('SET', '${RESTING}' .. before[1], rest, 'PX', ${NAME_REST})
      if before[2] then
        redis.call('HDEL', '${LOOK}' .. before[2], before[1])
        redis.call('SET', '${RESTING_LOOK}' .. before[2], rest, 'PX', ${NAME_REST})
      end
    end
    redis.call('DEL', '${RESTING}' .. key, '${RESTING_LOOK}' .. look)
    redis.call('HSET', '${NICKS}', key, id)
    redis.call('HSET', '${LOOK}' .. look, key, id)
    redis.call('HSET', '${ACCOUNT}' .. id, 'nick', nick, 'key', key, 'look', look)
  end
`

/** ARGV: id or nothing, the key of a nick, its look, the time. What is in the way, or nil. */
export const OBSTACLE = script(`
  ${NICK_FUNCTIONS}
  return obstacle(ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]))
`)

/** KEYS: account, guests. ARGV: id, nick, its key, its look, the time, guest, password. 1 if it was made. */
export const CREATE = script(`
  ${NICK_FUNCTIONS}
  local now = tonumber(ARGV[5])
  if redis.call('EXISTS', KEYS[1]) == 1 or obstacle(ARGV[1], ARGV[3], ARGV[4], now) then return 0 end
  redis.call('HSET', KEYS[1], 'id', ARGV[1], 'guest', ARGV[6], 'password', ARGV[7], 'created', ARGV[5])
  give(ARGV[1], ARGV[2], ARGV[3], ARGV[4], now)
  if ARGV[6] == '1' then redis.call('ZADD', KEYS[2], ARGV[5], ARGV[1]) end
  return 1
`)

/** KEYS: account. ARGV: id, nick, its key, its look, the time. 1 if it is called so now. */
export const RENAME = script(`
  ${NICK_FUNCTIONS}
  local now = tonumber(ARGV[5])
  if redis.call('EXISTS', KEYS[1]) == 0 or obstacle(ARGV[1], ARGV[3], ARGV[4], now) then return 0 end
  give(ARGV[1], ARGV[2], ARGV[3], ARGV[4], now)
  return 1
`)

/**
 * KEYS: account, guests, sessions of the user, sessions. ARGV: id, nick, its key, its look, the time, password, what stands in front
 * of a session's hash. 1 if it is registered now.
 */
export const REGISTER = script(`
  ${NICK_FUNCTIONS}
  local now = tonumber(ARGV[5])
  if redis.call('HGET', KEYS[1], 'guest') ~= '1' or obstacle(ARGV[1], ARGV[3], ARGV[4], now) then return 0 end
  give(ARGV[1], ARGV[2], ARGV[3], ARGV[4], now)
  redis.call('HSET', KEYS[1], 'guest', '0', 'password', ARGV[6])
  redis.call('ZREM', KEYS[2], ARGV[1])
  for _, hash in ipairs(redis.call('SMEMBERS', KEYS[3])) do
    if redis.call('HGET', ARGV[7] .. hash, 'user') == ARGV[1] then
      redis.call('DEL', ARGV[7] .. hash)
      redis.call('ZREM', KEYS[4], hash)
    end
  end
  redis.call('DEL', KEYS[3])
  return 1
`)

/** KEYS: account. ARGV: 1 or 0. 1 if there is such a registered user. */
export const SET_ADMIN = script(`
  if redis.call('HGET', KEYS[1], 'guest') ~= '0' then return 0 end
  redis.call('HSET', KEYS[1], 'admin', ARGV[1])
  return 1
`)

/** KEYS: account, look. ARGV: id, the key of a nick, its look. Writes the look of a nick that the account still has. */
export const WRITE_LOOK = script(`
  if redis.call('HGET', KEYS[1], 'key') ~= ARGV[2] then return end
  redis.call('HSET', KEYS[1], 'look', ARGV[3])
  redis.call('HSETNX', KEYS[2], ARGV[2], ARGV[1])
`)

/** KEYS: session, account, sessions, sessions of the user, guests. ARGV: hash, user, expiry. */
export const OPEN_SESSION = script(`
  if redis.call('EXISTS', KEYS[2]) == 0 then return end
  redis.call('HSET', KEYS[1], 'user', ARGV[2], 'expires', ARGV[3])
  redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
  redis.call('SADD', KEYS[4], ARGV[1])
  redis.call('ZREM', KEYS[5], ARGV[2])
`)

/** KEYS: session. ARGV: the time, what stands in front of a user's id, fields of his account. These, or nil. */
export const SESSION_ACCOUNT = script(`
  local session = redis.call('HMGET', KEYS[1], 'user', 'expires')
  if not session[1] or tonumber(session[2]) <= tonumber(ARGV[1]) then return false end
  return redis.call('HMGET', ARGV[2] .. session[1], unpack(ARGV, 3))
`)

/** KEYS: session, sessions. ARGV: hash, expiry. 1 if there is such a session. */
export const RENEW = script(`
  local expires = redis.call('HGET', KEYS[1], 'expires')
  if not expires then return 0 end
  if tonumber(ARGV[2]) > tonumber(expires) then
    redis.call('HSET', KEYS[1], 'expires', ARGV[2])
    redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
  end
  return 1
`)

/**
 * KEYS: sessions, guests, nicks. ARGV: one session, or nothing for all that have expired; the time; the time before which guests
 * without a session are over; what stands in front of a session's hash, of a user's sessions, account, rooms and addresses, and of
 * the members of a room. Gives how many were removed.
 */
export const SWEEP = script(`
  ${END_MEMBERSHIP}
  local hashes = { ARGV[1] }
  if ARGV[1] == '' then
    hashes = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[2], 'BYSCORE', 'LIMIT', 0, ${SWEPT_AT_ONCE})
  end
  for _, hash in ipairs(hashes) do
    local user = redis.call('HGET', ARGV[4] .. hash, 'user')
    redis.call('DEL', ARGV[4] .. hash)
    redis.call('ZREM', KEYS[1], hash)
    if user then
      redis.call('SREM', ARGV[5] .. user, hash)
      local account = redis.call('HMGET', ARGV[6] .. user, 'guest', 'created')
      if account[1] == '1' and redis.call('EXISTS', ARGV[5] .. user) == 0 then
        redis.call('ZADD', KEYS[2], ARGV[1] == '' and account[2] or ARGV[2], user)
      end
    end
  end
  if ARGV[1] ~= '' then return #hashes end

  local guests = redis.call('ZRANGE', KEYS[2], '-inf', ARGV[3], 'BYSCORE', 'LIMIT', 0, ${SWEPT_AT_ONCE})
  for _, id in ipairs(guests) do
    local nick = redis.call('HMGET', ARGV[6] .. id, 'key', 'look')
    redis.call('HDEL', KEYS[3], nick[1])
    if nick[2] then redis.call('HDEL', '${LOOK}' .. nick[2], nick[1]) end
    end_membership(ARGV[7] .. id, ARGV[9], id, '')
    redis.call('DEL', ARGV[6] .. id, ARGV[8] .. id)
    redis.call('ZREM', KEYS[2], id)
  end
  return #hashes + #guests
`)

/** KEYS: account, the addresses of the user. ARGV: address, the time, how many are kept. */
export const ADD_ADDRESS = script(`
  if redis.call('EXISTS', KEYS[1]) == 0 then return end
  redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
  redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -1 - ARGV[3])
`)

/** KEYS: account, the rooms of the user, members of the room, and those of a guard. ARGV: room, user, and those of a guard. What is in force of it. */
export const ENTER = script(`
  ${IN_FORCE}
  local restriction, value = in_force(4, 3)
  if restriction then return { restriction, value } end
  if redis.call('EXISTS', KEYS[1]) == 0 then return end
  redis.call('HSETNX', KEYS[2], ARGV[1], 0)
  redis.call('SADD', KEYS[3], ARGV[2])
`)

/** KEYS: the rooms of the user. ARGV: what stands in front of a room's name for its members, user, room. */
export const LEAVE = script(`
  ${END_MEMBERSHIP}
  end_membership(KEYS[1], ARGV[1], ARGV[2], ARGV[3])
`)

/** KEYS: the rooms of a user. ARGV: room, seq. 1 if it is further than before. */
export const READ_ON = script(`
  local before = redis.call('HGET', KEYS[1], ARGV[1])
  if not before or tonumber(before) >= tonumber(ARGV[2]) then return 0 end
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
  return 1
`)

export const ACCOUNT_SCRIPTS = [
  OBSTACLE,
  WRITE_LOOK,
  SET_ADMIN,
  CREATE,
  RENAME,
  REGISTER,
  OPEN_SESSION,
  SESSION_ACCOUNT,
  RENEW,
  SWEEP,
  ADD_ADDRESS,
  ENTER,
  LEAVE,
  READ_ON,
]
