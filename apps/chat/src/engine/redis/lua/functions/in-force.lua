-- Gives the number of the first restriction that is in force, and its value; or empty. The states
-- of its rooms are in KEYS from `key` on; `value` is the place in ARGV of the time, the number of
-- restrictions and the key of each.

local function in_force(key, value)
  for i = 1, tonumber(ARGV[value + 1]) do
    local stored = redis.call('HGET', KEYS[key + i - 1], ARGV[value + 1 + i])
    if stored == 'true' or (stored and tonumber(stored) or 0) > tonumber(ARGV[value]) then return i, stored end
  end
end
