-- For a new connection. KEYS: server, rooms. ARGV: the process of Redis, 1 if it keeps all that it
-- acknowledges, 1 if it was a replica before, a random text, prefix of a room's name. Another
-- process than the last one, which may have lost something, is another log: each room gets a new
-- epoch, for clients may have seen what is not in it. Gives the number of those rooms.

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
