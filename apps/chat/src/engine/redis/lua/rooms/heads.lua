-- KEYS: room and log of each room. ARGV: a place among the entries of all rooms, or empty for the
-- end. Of each room the seq and the place of its last entry before that, or empty; positions and
-- places grow together.

local function seek(room, log)
  if ARGV[1] == '' then return '+' end
  local kept = redis.call('HMGET', room, 'oldest', 'top')
  if not kept[1] then return 0 end
  local low, high = tonumber(kept[1]) - 1, tonumber(kept[2])
  while low < high do
    local middle = math.ceil((low + high) / 2)
    local row = redis.call('XRANGE', log, middle .. '-0', middle .. '-0')[1]
    if row and tonumber(row[2][2]) < tonumber(ARGV[1]) then low = middle else high = middle - 1 end
  end
  return low
end
local heads = {}
for i = 1, #KEYS, 2 do
  local row = redis.call('XREVRANGE', KEYS[i + 1], seek(KEYS[i], KEYS[i + 1]), '-', 'COUNT', 1)[1]
  heads[#heads + 1] = row and { string.match(row[1], '^%d+'), row[2][2] } or {}
end
return heads
