-- KEYS: room, log, cids, folds, state, ids, the rooms of the user the user who is expelled; then those of a
-- guard. ARGV: who sent what, the text of the entry, channel, how many to keep or empty; the
-- message that it changes, where its fold is to be now, its new fold, or empty each; prefix of the
-- members of a room, the user who is expelled, and from which room or empty for all; how many keys and
-- values to set follow, each with nothing to remove it; then those of a guard. Nil if there is no
-- room, `stale` where the fold is elsewhere, `forbidden` with what is in force, else `new` or
-- `dup`, epoch, seq, and the text of the first.

local REMOVED_AT_ONCE = 16 -- old entries that one call removes at most

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
  local kept = math.min(math.max(oldest, seq - tonumber(ARGV[4]) + 1), oldest + REMOVED_AT_ONCE)
  if kept > oldest then
    for _, row in ipairs(redis.call('XRANGE', KEYS[2], '-', (kept - 1) .. '-0', 'COUNT', REMOVED_AT_ONCE)) do
      redis.call('HDEL', KEYS[3], row[2][4])
      redis.call('HDEL', KEYS[4], string.match(row[1], '^%d+'))
    end
    redis.call('XTRIM', KEYS[2], 'MINID', kept .. '-0')
    redis.call('HSET', KEYS[1], 'oldest', kept)
  end
end

redis.call('PUBLISH', ARGV[3], 'entry ' .. epoch .. ' ' .. seq .. ' ' .. ARGV[2])
return { 'new', epoch, tostring(seq) }
