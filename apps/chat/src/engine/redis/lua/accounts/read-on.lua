-- KEYS: the rooms of a user. ARGV: room, seq. 1 if it is further than before.

local before = redis.call('HGET', KEYS[1], ARGV[1])
if not before or tonumber(before) >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
