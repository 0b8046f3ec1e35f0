-- KEYS: account, the rooms of the user, members of the room, and those of a guard. ARGV: room,
-- user, and those of a guard. What is in force of it.

local restriction, value = in_force(4, 3)
if restriction then return { restriction, value } end
if redis.call('EXISTS', KEYS[1]) == 0 then return end
redis.call('HSETNX', KEYS[2], ARGV[1], 0)
redis.call('SADD', KEYS[3], ARGV[2])
