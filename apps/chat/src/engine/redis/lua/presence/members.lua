-- A hash of a room: node and user, to expiry and nick. KEYS: the hash. ARGV: the time. Removes who
-- has expired, and gives the id, expiry and nick of all others.

local here = redis.call('HGETALL', KEYS[1])
local found = {}
for i = 1, #here, 2 do
  local expires, nick = string.match(here[i + 1], '^(%d+) (.*)$')
  if tonumber(expires) <= tonumber(ARGV[1]) then redis.call('HDEL', KEYS[1], here[i])
  else
    found[#found + 1] = string.match(here[i], ' (.*)$')
    found[#found + 1] = expires
    found[#found + 1] = nick
  end
end
return found
