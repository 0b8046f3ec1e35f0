-- KEYS: room, log, folds. ARGV: `after` or `before`, the first position or +, most entries, 1 with
-- folds, bytes after which it ends. Nil if there is no room, else epoch, top, oldest and of each
-- entry its seq, its place among those of all rooms, its text, its fold or nil.

local READ_AT_ONCE = 16 -- entries that one command reads, of which the last may not be needed

local found = redis.call('HMGET', KEYS[1], 'epoch', 'top', 'oldest')
if not found[1] then return false end
local from, left, size = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[5])
while left > 0 and size > 0 do
  local count = math.min(left, READ_AT_ONCE)
  local rows
  if ARGV[1] == 'after' then rows = redis.call('XRANGE', KEYS[2], from, '+', 'COUNT', count)
  else rows = redis.call('XREVRANGE', KEYS[2], from, '-', 'COUNT', count) end
  for _, row in ipairs(rows) do
    if size > 0 then
      local seq = string.match(row[1], '^%d+')
      local fold = ARGV[4] == '1' and redis.call('HGET', KEYS[3], seq)
      found[#found + 1] = { seq, row[2][2], row[2][6], fold }
      size = size - #row[2][6] - (fold and #fold or 0)
    end
  end
  if #rows < count then break end
  left = left - count
  from = '(' .. rows[count][1]
end
return found
