-- For a new connection: what its node has seen. KEYS: rooms, removed. ARGV: a random text, prefix
-- of a room's name, and of its channel; then name, epoch and seq of each. A log that ends before
-- is another one, and a room that is not there is made again, unless it was removed. Gives the
-- epochs of those that were.

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
