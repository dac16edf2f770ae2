"""What runs inside Redis for the aggregates of exempt measurement. See `audience.py`."""

from __future__ import annotations

from temoin.storage.redis.scripts import Script

# OTHER, number of hashes, their names; the oldest minute to keep, number of minutes, each with views and visits;
# number of counts of banners and answers, each with number of its hash, field, count; then for each row: number of its
# hash, how many values that may have, value, series, six counts.
ADD = Script(
    """
local SITE, ONCE, PERIODS, MINUTES = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local FORM = '>I8I8I8I8I8I8'
if redis.call('EXISTS', SITE) == 0 then return 0 end
if not redis.call('SET', ONCE, '1', 'NX', 'EX', '600') then return 1 end
local OTHER, hashes = ARGV[1], tonumber(ARGV[2])
for n = 1, hashes do redis.call('SADD', PERIODS, ARGV[2 + n]) end
local at = 3 + hashes
for n = 1, tonumber(ARGV[at + 1]) do
  local first = at + 3 * n - 1
  local views, visits = 0, 0
  local kept = redis.call('HGET', MINUTES, ARGV[first])
  if kept then views, visits = struct.unpack('>I8I8', kept) end
  redis.call('HSET', MINUTES, ARGV[first],
    struct.pack('>I8I8', views + tonumber(ARGV[first + 1]), visits + tonumber(ARGV[first + 2])))
end
if tonumber(ARGV[at + 1]) > 0 then
  for _, minute in ipairs(redis.call('HKEYS', MINUTES)) do
    if tonumber(minute) < tonumber(ARGV[at]) then redis.call('HDEL', MINUTES, minute) end
  end
end
local function known(key, value)
  return redis.call('HEXISTS', key, '0' .. value) == 1 or redis.call('HEXISTS', key, '1' .. value) == 1
end
at = at + 2 + 3 * tonumber(ARGV[at + 1])
for n = 1, tonumber(ARGV[at]) do
  local first = at + 3 * n - 2
  redis.call('HINCRBY', KEYS[4 + tonumber(ARGV[first])], ARGV[first + 1], ARGV[first + 2])
end
for first = at + 1 + 3 * tonumber(ARGV[at]), #ARGV, 10 do
  local key, value = KEYS[4 + tonumber(ARGV[first])], ARGV[first + 2]
  if not known(key, value) then
    -- the number of values stands under a name that no series begins
    if value ~= OTHER and tonumber(redis.call('HGET', key, 'n') or '0') >= tonumber(ARGV[first + 1]) then
      value = OTHER
    else
      redis.call('HINCRBY', key, 'n', 1)
    end
  end
  local counts = {0, 0, 0, 0, 0, 0}
  local kept = redis.call('HGET', key, ARGV[first + 3] .. value)
  if kept then counts = {struct.unpack(FORM, kept)} end
  for n = 1, 6 do counts[n] = counts[n] + tonumber(ARGV[first + 3 + n]) end
  redis.call('HSET', key, ARGV[first + 3] .. value,
    struct.pack(FORM, counts[1], counts[2], counts[3], counts[4], counts[5], counts[6]))
end
return 1
"""
)

# field, what it must hold ('' for nothing), what it holds afterwards
REPLACE = Script(
    """
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
"""
)

# day, 32 random bytes: the day's salt; those of the days before are destroyed
SALT = Script(
    """
for _, day in ipairs(redis.call('HKEYS', KEYS[1])) do
  if tonumber(day) < tonumber(ARGV[1]) then redis.call('HDEL', KEYS[1], day) end
end
redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
return redis.call('HGET', KEYS[1], ARGV[1])
"""
)
