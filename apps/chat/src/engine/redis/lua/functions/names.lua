-- Names in use, and names that rest. chat:resting:KEY and chat:resting-look:LOOK contain the end of
-- the rest, a space, and the id of the last holder; keys.ts describes the other keys. Nodes of
-- version 0.1 write no looks: outdated ones are ignored.

local NAME_REST = 3600000 -- NAME_REST of engine.ts

local function rests(resting, id, now)
  local until_, user = string.match(redis.call('GET', resting) or '', '^(%d+) (.*)$')
  return user and user ~= id and tonumber(until_) > now
end

local function obstacle(id, key, look, now)
  local holder = redis.call('HGET', 'chat:nicks', key)
  if holder then return holder ~= id and 'taken' or nil end
  local alike = redis.call('HGETALL', 'chat:look:' .. look)
  for i = 1, #alike, 2 do
    if alike[i + 1] ~= id then
      if redis.call('HGET', 'chat:nicks', alike[i]) == alike[i + 1] then return 'alike' end
      redis.call('HDEL', 'chat:look:' .. look, alike[i])
    end
  end
  if rests('chat:resting:' .. key, id, now) or rests('chat:resting-look:' .. look, id, now) then return 'resting' end
end

local function give(id, nick, key, look, now)
  local before = redis.call('HMGET', 'chat:account:' .. id, 'key', 'look')
  if before[1] and before[1] ~= key then
    redis.call('HDEL', 'chat:nicks', before[1])
    local rest = string.format('%.0f', now + NAME_REST) .. ' ' .. id
    redis.call('SET', 'chat:resting:' .. before[1], rest, 'PX', NAME_REST)
    if before[2] then
      redis.call('HDEL', 'chat:look:' .. before[2], before[1])
      redis.call('SET', 'chat:resting-look:' .. before[2], rest, 'PX', NAME_REST)
    end
  end
  redis.call('DEL', 'chat:resting:' .. key, 'chat:resting-look:' .. look)
  redis.call('HSET', 'chat:nicks', key, id)
  redis.call('HSET', 'chat:look:' .. look, key, id)
  redis.call('HSET', 'chat:account:' .. id, 'nick', nick, 'key', key, 'look', look)
end
