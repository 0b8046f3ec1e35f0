-- KEYS: rooms. Of each epoch and top, or empty.

local tops = {}
for index, key in ipairs(KEYS) do
  local place = redis.call('HMGET', key, 'epoch', 'top')
  tops[index] = place[1] and place or {}
end
return tops
