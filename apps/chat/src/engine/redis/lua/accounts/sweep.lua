-- KEYS: sessions, guests, nicks. ARGV: one session, or empty for all that have expired; the time;
-- the time before which guests without a session are over; prefix of a session's hash, of a user's
-- sessions, account, rooms and addresses, and of the members of a room. Gives how many were
-- removed.

local MOST = 500 -- sessions, and guests, that one call removes

local hashes = { ARGV[1] }
if ARGV[1] == '' then
  hashes = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[2], 'BYSCORE', 'LIMIT', 0, MOST)
end
for _, hash in ipairs(hashes) do
  local user = redis.call('HGET', ARGV[4] .. hash, 'user')
  redis.call('DEL', ARGV[4] .. hash)
  redis.call('ZREM', KEYS[1], hash)
  if user then
    redis.call('SREM', ARGV[5] .. user, hash)
    local account = redis.call('HMGET', ARGV[6] .. user, 'guest', 'created')
    if account[1] == '1' and redis.call('EXISTS', ARGV[5] .. user) == 0 then
      redis.call('ZADD', KEYS[2], ARGV[1] == '' and account[2] or ARGV[2], user)
    end
  end
end
if ARGV[1] ~= '' then return #hashes end

local guests = redis.call('ZRANGE', KEYS[2], '-inf', ARGV[3], 'BYSCORE', 'LIMIT', 0, MOST)
for _, id in ipairs(guests) do
  local nick = redis.call('HMGET', ARGV[6] .. id, 'key', 'look')
  redis.call('HDEL', KEYS[3], nick[1])
  if nick[2] then redis.call('HDEL', 'chat:look:' .. nick[2], nick[1]) end
  end_membership(ARGV[7] .. id, ARGV[9], id, '')
  redis.call('DEL', ARGV[6] .. id, ARGV[8] .. id)
  redis.call('ZREM', KEYS[2], id)
end
return #hashes + #guests
