-- ARGV: id or empty, the key of a nick, its look, the time. What is in the way, or nil.

return obstacle(ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]))
