-- KEYS: account. ARGV: 1 or 0. 1 if there is such a registered user.

if redis.call('HGET', KEYS[1], 'guest') ~= '0' then return 0 end
redis.call('HSET', KEYS[1], 'admin', ARGV[1])
return 1
