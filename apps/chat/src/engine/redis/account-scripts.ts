// What Redis does with accounts and sessions in one piece each. An account is a hash, and so is a session (user, expires).

import { script } from './script.ts'

/** Most sessions, and most guests, that are removed at once. */
const SWEPT_AT_ONCE = 500

/** KEYS: account, nicks, guests. ARGV: id, nick, its key, guest, password, the time. 1 if it was made. */
export const CREATE = script(`
  if redis.call('EXISTS', KEYS[1]) == 1 or redis.call('HSETNX', KEYS[2], ARGV[3], ARGV[1]) == 0 then return 0 end
  redis.call('HSET', KEYS[1], 'id', ARGV[1], 'nick', ARGV[2], 'key', ARGV[3], 'guest', ARGV[4], 'password', ARGV[5],
    'created', ARGV[6])
  if ARGV[4] == '1' then redis.call('ZADD', KEYS[3], ARGV[6], ARGV[1]) end
  return 1
`)

/** KEYS: account, nicks. ARGV: id, nick, its key. 1 if it is called so now. */
export const RENAME = script(`
  local before = redis.call('HGET', KEYS[1], 'key')
  if not before or (redis.call('HGET', KEYS[2], ARGV[3]) or ARGV[1]) ~= ARGV[1] then return 0 end
  redis.call('HDEL', KEYS[2], before)
  redis.call('HSET', KEYS[2], ARGV[3], ARGV[1])
  redis.call('HSET', KEYS[1], 'nick', ARGV[2], 'key', ARGV[3])
  return 1
`)

/**
 * KEYS: account, nicks, guests, sessions of the user, sessions. ARGV: id, nick, its key, password, what stands in front of a
 * session's hash. 1 if it is registered now.
 */
export const REGISTER = script(`
  local before = redis.call('HMGET', KEYS[1], 'key', 'guest')
  if before[2] ~= '1' or (redis.call('HGET', KEYS[2], ARGV[3]) or ARGV[1]) ~= ARGV[1] then return 0 end
  redis.call('HDEL', KEYS[2], before[1])
  redis.call('HSET', KEYS[2], ARGV[3], ARGV[1])
  redis.call('HSET', KEYS[1], 'nick', ARGV[2], 'key', ARGV[3], 'guest', '0', 'password', ARGV[4])
  redis.call('ZREM', KEYS[3], ARGV[1])
  for _, hash in ipairs(redis.call('SMEMBERS', KEYS[4])) do
    if redis.call('HGET', ARGV[5] .. hash, 'user') == ARGV[1] then
      redis.call('DEL', ARGV[5] .. hash)
      redis.call('ZREM', KEYS[5], hash)
    end
  end
  redis.call('DEL', KEYS[4])
  return 1
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
 * KEYS: sessions, guests, nicks. ARGV: one session, or nothing for all that have expired by the time that follows; the time before which
 * guests without a session are over; what stands in front of a session's hash, and of a user's sessions, account, rooms and addresses.
 * Gives how many were removed.
 */
export const SWEEP = script(`
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
        redis.call('ZADD', KEYS[2], account[2], user)
      end
    end
  end
  if ARGV[1] ~= '' then return #hashes end

  local guests = redis.call('ZRANGE', KEYS[2], '-inf', ARGV[3], 'BYSCORE', 'LIMIT', 0, ${SWEPT_AT_ONCE})
  for _, id in ipairs(guests) do
    redis.call('HDEL', KEYS[3], redis.call('HGET', ARGV[6] .. id, 'key'))
    redis.call('DEL', ARGV[6] .. id, ARGV[7] .. id, ARGV[8] .. id)
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

/** KEYS: account, the rooms of the user. ARGV: room. */
export const ENTER = script(`
  if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSETNX', KEYS[2], ARGV[1], 0) end
`)

/** KEYS: the rooms of a user. ARGV: room, seq. 1 if it is further than before. */
export const READ_ON = script(`
  local before = redis.call('HGET', KEYS[1], ARGV[1])
  if not before or tonumber(before) >= tonumber(ARGV[2]) then return 0 end
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
  return 1
`)

export const ACCOUNT_SCRIPTS = [
  CREATE,
  RENAME,
  REGISTER,
  OPEN_SESSION,
  SESSION_ACCOUNT,
  RENEW,
  SWEEP,
  ADD_ADDRESS,
  ENTER,
  READ_ON,
]
