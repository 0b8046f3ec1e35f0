-- KEYS: room, state. Epoch, top, oldest, then keys and values of what is in force; nil if there is
-- no room.

local place = redis.call('HMGET', KEYS[1], 'epoch', 'top', 'oldest')
if not place[1] then return false end
for _, part in ipairs(redis.call('HGETALL', KEYS[2])) do place[#place + 1] = part end
return place
