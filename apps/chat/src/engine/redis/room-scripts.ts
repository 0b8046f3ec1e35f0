// What Redis does with rooms in one piece each. A room is a hash (epoch, top, oldest), its log a stream whose ids are the positions; what
// the other keys hold is said in keys.ts.

import { END_MEMBERSHIP } from './account-scripts.ts'
import { IN_FORCE } from './guard.ts'
import { script } from './script.ts'

/** Most old entries that one publishing removes. */
const REMOVED_AT_ONCE = 16

/** Entries of a log that one command reads, of which the last may not be needed. */
const READ_AT_ONCE = 16

/** KEYS: room, rooms. ARGV: name, epoch. 1 if it was made. */
export const CREATE = script(`
  if redis.call('HSETNX', KEYS[1], 'epoch', ARGV[2]) == 0 then return 0 end
  redis.call('HSET', KEYS[1], 'top', 0, 'oldest', 1)
  redis.call('ZADD', KEYS[2], 0, ARGV[1])
  return 1
`)

/** Milliseconds for which nodes that were away can learn of a removed room: 30 days. */
const REMOVED_FOR = 30 * 24 * 3_600_000

/**
 * KEYS: room, rooms, removed, members; then log, cids, folds, state and who is here. ARGV: name, the time, channel, what stands in front
 * of the rooms of a user; then the epoch and top that it must have, or nothing each. 1 if it was removed.
 */
export const REMOVE = script(`
  local place = redis.call('HMGET', KEYS[1], 'epoch', 'top')
  if not place[1] then return 0 end
  if ARGV[5] ~= '' and (place[1] ~= ARGV[5] or place[2] ~= ARGV[6]) then return 0 end
  for _, user in ipairs(redis.call('SMEMBERS', KEYS[4])) do redis.call('HDEL', ARGV[4] .. user, ARGV[1]) end
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('UNLINK', KEYS[1], unpack(KEYS, 4))
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', tonumber(ARGV[2]) - ${REMOVED_FOR})
  redis.call('ZADD', KEYS[3], ARGV[2], place[1])
  redis.call('PUBLISH', ARGV[3], 'removed ' .. place[1])
  return 1
`)

/** KEYS: room, state. Epoch, top, oldest, then keys and values of what is in force; nil where there is no room. */
export const ROOM = script(`
  local place = redis.call('HMGET', KEYS[1], 'epoch', 'top', 'oldest')
  if not place[1] then return false end
  for _, part in ipairs(redis.call('HGETALL', KEYS[2])) do place[#place + 1] = part end
  return place
`)

/** KEYS: rooms. Of each epoch and top, or nothing. */
export const TOPS = script(`
  local tops = {}
  for index, key in ipairs(KEYS) do
    local place = redis.call('HMGET', key, 'epoch', 'top')
    tops[index] = place[1] and place or {}
  end
  return tops
`)

/**
 * KEYS: room, log, cids, folds, state, ids, the rooms of the user who is expelled; then those of a guard. ARGV: who sent what, the text
 * of the entry, channel, how many to keep or nothing; the message that it changes, where its fold is to be now, its new fold, or nothing
 * each; what stands in front of the members of a room, who is expelled, and from which room or nothing for all; how many keys and values
 * to set follow, each with nothing to remove it; then those of a guard. Nil where there is no room, `stale` where the fold is elsewhere,
 * `forbidden` with what is in force, else `new` or `dup`, epoch, seq, and the text of the first.
 */
export const PUBLISH = script(`
  ${IN_FORCE}
  ${END_MEMBERSHIP}
  local place = redis.call('HMGET', KEYS[1], 'epoch', 'oldest')
  local epoch = place[1]
  if not epoch then return false end

  local first = redis.call('HGET', KEYS[3], ARGV[1])
  if first then
    local row = redis.call('XRANGE', KEYS[2], first, first)[1]
    return { 'dup', epoch, first, row[2][6] }
  end

  local patched = 11 + tonumber(ARGV[11])
  local restriction, value = in_force(8, patched + 1)
  if restriction then return { 'forbidden', restriction, value } end

  local target = ARGV[5]
  if target ~= '' then
    local fold = redis.call('HGET', KEYS[4], target)
    if (fold and string.match(fold, '^%d+') or '') ~= ARGV[6] then return { 'stale' } end
  end

  local seq = redis.call('HINCRBY', KEYS[1], 'top', 1)
  redis.call('XADD', KEYS[2], seq .. '-0', 'id', redis.call('INCR', KEYS[6]), 'key', ARGV[1], 'text', ARGV[2])
  redis.call('HSET', KEYS[3], ARGV[1], seq)
  if target ~= '' then redis.call('HSET', KEYS[4], target, seq .. ' ' .. ARGV[7]) end
  for i = 12, patched, 2 do
    if ARGV[i + 1] == '' then redis.call('HDEL', KEYS[5], ARGV[i])
    else redis.call('HSET', KEYS[5], ARGV[i], ARGV[i + 1]) end
  end
  if ARGV[9] ~= '' then end_membership(KEYS[7], ARGV[8], ARGV[9], ARGV[10]) end

  if ARGV[4] ~= '' then
    local oldest = tonumber(place[2])
    local kept = math.min(math.max(oldest, seq - tonumber(ARGV[4]) + 1), oldest + ${REMOVED_AT_ONCE})
    if kept > oldest then
      for _, row in ipairs(redis.call('XRANGE', KEYS[2], '-', (kept - 1) .. '-0', 'COUNT', ${REMOVED_AT_ONCE})) do
        redis.call('HDEL', KEYS[3], row[2][4])
        redis.call('HDEL', KEYS[4], string.match(row[1], '^%d+'))
      end
      redis.call('XTRIM', KEYS[2], 'MINID', kept .. '-0')
      redis.call('HSET', KEYS[1], 'oldest', kept)
    end
  end

  redis.call('PUBLISH', ARGV[3], 'entry ' .. epoch .. ' ' .. seq .. ' ' .. ARGV[2])
  return { 'new', epoch, tostring(seq) }
`)

/**
 * KEYS: room, log, folds. ARGV: `after` or `before`, the first position or +, most entries, 1 with folds, bytes after which it
 * ends. Nil where there is no room, else epoch, top, oldest and of each entry its seq, its place among those of all rooms, its
 * text, its fold or nil.
 */
export const ROWS = script(`
  local found = redis.call('HMGET', KEYS[1], 'epoch', 'top', 'oldest')
  if not found[1] then return false end
  local from, left, size = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[5])
  while left > 0 and size > 0 do
    local count = math.min(left, ${READ_AT_ONCE})
    local rows
    if ARGV[1] == 'after' then rows = redis.call('XRANGE', KEYS[2], from, '+', 'COUNT', count)
    else rows = redis.call('XREVRANGE', KEYS[2], from, '-', 'COUNT', count) end
    for _, row in ipairs(rows) do
      if size > 0 then
        local seq = string.match(row[1], '^%d+')
        local fold = ARGV[4] == '1' and redis.call('HGET', KEYS[3], seq)
        found[#found + 1] = { seq, row[2][2], row[2][6], fold }
        size = size - #row[2][6] - (fold and #fold or 0)
      end
    end
    if #rows < count then break end
    left = left - count
    from = '(' .. rows[count][1]
  end
  return found
`)

/**
 * KEYS: room and log of each room. ARGV: a place among the entries of all rooms, or nothing for the end. Of each room the seq and
 * the place of its last entry before that, or nothing; positions and places grow together.
 */
export const HEADS = script(`
  local function seek(room, log)
    if ARGV[1] == '' then return '+' end
    local kept = redis.call('HMGET', room, 'oldest', 'top')
    if not kept[1] then return 0 end
    local low, high = tonumber(kept[1]) - 1, tonumber(kept[2])
    while low < high do
      local middle = math.ceil((low + high) / 2)
      local row = redis.call('XRANGE', log, middle .. '-0', middle .. '-0')[1]
      if row and tonumber(row[2][2]) < tonumber(ARGV[1]) then low = middle else high = middle - 1 end
    end
    return low
  end
  local heads = {}
  for i = 1, #KEYS, 2 do
    local row = redis.call('XREVRANGE', KEYS[i + 1], seek(KEYS[i], KEYS[i + 1]), '-', 'COUNT', 1)[1]
    heads[#heads + 1] = row and { string.match(row[1], '^%d+'), row[2][2] } or {}
  end
  return heads
`)

/**
 * For a new connection. KEYS: server, rooms. ARGV: the process of Redis, 1 if it keeps all that it acknowledges, 1 if it was a replica
 * before, a random text, what stands in front of a room's name. Another process than the last one, which may have lost something, is
 * another log: each room gets a new epoch, for clients may have seen what is not in it. Gives the number of those rooms.
 */
export const OPEN = script(`
  local last = redis.call('HMGET', KEYS[1], 'run', 'keeps')
  local renewed = 0
  if last[1] ~= ARGV[1] and (last[2] ~= '1' or ARGV[3] == '1') then
    for _, name in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
      redis.call('HSET', ARGV[5] .. name, 'epoch', string.sub(redis.sha1hex(ARGV[4] .. name), 1, 16))
      renewed = renewed + 1
    end
  end
  redis.call('HSET', KEYS[1], 'run', ARGV[1], 'keeps', ARGV[2])
  return renewed
`)

/**
 * For a new connection: what its node has seen. KEYS: rooms, removed. ARGV: a random text, what stands in front of a room's name, and of
 * its channel; then name, epoch and seq of each. A log that ends before is another one, and a room that is not there is made again, unless
 * it was removed. Gives the epochs of those that were.
 */
export const RESTORE = script(`
  local removed = {}
  for i = 4, #ARGV, 3 do
    local name, key = ARGV[i], ARGV[2] .. ARGV[i]
    local epoch = string.sub(redis.sha1hex(ARGV[1] .. name), 1, 16)
    local place = redis.call('HMGET', key, 'epoch', 'top')
    if redis.call('ZSCORE', KEYS[2], ARGV[i + 1]) then removed[#removed + 1] = ARGV[i + 1]
    elseif not place[1] then
      redis.call('HSET', key, 'epoch', epoch, 'top', 0, 'oldest', 1)
      redis.call('ZADD', KEYS[1], 0, name)
    elseif place[1] == ARGV[i + 1] and tonumber(place[2]) < tonumber(ARGV[i + 2]) then
      redis.call('HSET', key, 'epoch', epoch)
      redis.call('PUBLISH', ARGV[3] .. name, 'look')
    end
  end
  return removed
`)

export const ROOM_SCRIPTS = [CREATE, REMOVE, ROOM, TOPS, PUBLISH, ROWS, HEADS, OPEN, RESTORE]
