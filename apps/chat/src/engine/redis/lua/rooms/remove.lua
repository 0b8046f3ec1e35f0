-- KEYS: room, rooms, removed, members; then log, cids, folds, state and who is here. ARGV: name,
-- the time, channel, prefix of the rooms of a user; then the epoch and top that it must have, or
-- empty each. 1 if it was removed.

local REMEMBERED = 30 * 24 * 3600000 -- milliseconds in which nodes that were away learn of a removed room

local place = redis.call('HMGET', KEYS[1], 'epoch', 'top')
if not place[1] then return 0 end
if ARGV[5] ~= '' and (place[1] ~= ARGV[5] or place[2] ~= ARGV[6]) then return 0 end
for _, user in ipairs(redis.call('SMEMBERS', KEYS[4])) do redis.call('HDEL', ARGV[4] .. user, ARGV[1]) end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('UNLINK', KEYS[1], unpack(KEYS, 4))
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', tonumber(ARGV[2]) - REMEMBERED)
redis.call('ZADD', KEYS[3], ARGV[2], place[1])
redis.call('PUBLISH', ARGV[3], 'removed ' .. place[1])
return 1
