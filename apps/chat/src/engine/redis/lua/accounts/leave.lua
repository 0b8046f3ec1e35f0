-- KEYS: the rooms of the user. ARGV: prefix of a room's name for its members, user, room.

end_membership(KEYS[1], ARGV[1], ARGV[2], ARGV[3])
