-- KEYS: session. ARGV: the time, prefix of a user's id, fields of his account. These, or nil.

local session = redis.call('HMGET', KEYS[1], 'user', 'expires')
if not session[1] or tonumber(session[2]) <= tonumber(ARGV[1]) then return false end
return redis.call('HMGET', ARGV[2] .. session[1], unpack(ARGV, 3))
