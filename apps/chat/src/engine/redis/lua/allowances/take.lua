-- A hash: what was left, and when. It expires when the allowance is full again. KEYS: the hash.
-- ARGV: the time, burst, rate per millisecond, cost. Gives the milliseconds to wait.

local now, burst, rate = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local cost = tonumber(ARGV[4])
local needed = math.min(cost, burst)
local known = redis.call('HMGET', KEYS[1], 'left', 'at')
local left = burst
if known[1] then left = math.min(burst, tonumber(known[1]) + math.max(0, now - tonumber(known[2])) * rate) end
if left < needed then return math.ceil((needed - left) / rate) end
redis.call('HSET', KEYS[1], 'left', string.format('%.17g', left - cost), 'at', ARGV[1])
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - left + cost) / rate))
return 0
