-- KEYS: room, rooms. ARGV: name, epoch. 1 if created.

if redis.call('HSETNX', KEYS[1], 'epoch', ARGV[2]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'top', 0, 'oldest', 1)
redis.call('ZADD', KEYS[2], 0, ARGV[1])
return 1
