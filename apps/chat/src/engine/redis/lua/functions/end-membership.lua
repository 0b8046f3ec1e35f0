-- Ends the membership of a user: of one room, or of all where `room` is nothing. `read`: the rooms
-- of the user; `members`: prefix of a room's name.

local function end_membership(read, members, user, room)
  for _, name in ipairs(room ~= '' and { room } or redis.call('HKEYS', read)) do
    redis.call('HDEL', read, name)
    redis.call('SREM', members .. name, user)
  end
end
