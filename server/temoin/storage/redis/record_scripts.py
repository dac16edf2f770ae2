"""What runs inside Redis for the life of records: archived, erased, destroyed. See `scripts.py`."""

from __future__ import annotations

from temoin.storage.redis.scripts import PLACE_LUA, SITE_LUA, Script

# Destroying: the stub keeps id, commitment and kind, and the subject's other entries close ranks over it.
DESTROY_LUA = """
local function unlink(index, stub)
  if stub.subject == NOTHING then return end
  local at = redis.call('HGET', HEAD, stub.subject)
  if tonumber(at) == index then
    if stub.before == 0 then redis.call('HDEL', HEAD, stub.subject)
    else redis.call('HSET', HEAD, stub.subject, stub.before - 1) end
    return
  end
  while at do
    local later = stub_of(at)
    if later.before == index + 1 then
      later.before = stub.before
      redis.call('HSET', STUB, at, packed(later))
      return
    end
    at = later.before ~= 0 and later.before - 1
  end
end

local function destroy(index)
  local stub = stub_of(index)
  unlink(index, stub)
  stub.digest, stub.subject, stub.before, stub.segment = NOTHING, NOTHING, 0, 0
  redis.call('HSET', STUB, index, packed(stub))
  redis.call('HDEL', BODY, index)
end
"""

# key of the subject, number of its entries, their places, number of swaps, for each: segment, its file, the new
# segment as JSON or '', the new file or ''; then the draft of the account, if there is anything to account for
ERASE = Script(
    SITE_LUA
    + PLACE_LUA
    + DESTROY_LUA
    + """
local count = tonumber(ARGV[2])
local at = redis.call('HGET', HEAD, ARGV[1])
for n = 1, count do
  if not at or tonumber(at) ~= tonumber(ARGV[2 + n]) then return false end
  local before = stub_of(at).before
  at = before ~= 0 and before - 1
end
if at then return false end
local swaps = 3 + count
for n = 1, tonumber(ARGV[swaps]) do
  local first = swaps + 4 * n - 3
  local known = redis.call('HGET', SEGMENT, ARGV[first])
  if not known or cjson.decode(known).file ~= ARGV[first + 1] then return false end
  if ARGV[first + 3] ~= '' and redis.call('HEXISTS', PENDING, ARGV[first + 3]) == 0 then return false end
end
local draft = swaps + 4 * tonumber(ARGV[swaps]) + 1
if redis.call('HEXISTS', ID, id_of(ARGV[draft])) == 1 then return 'taken' end
for n = 1, tonumber(ARGV[swaps]) do
  local first = swaps + 4 * n - 3
  if ARGV[first + 3] == '' then redis.call('HDEL', SEGMENT, ARGV[first])
  else
    redis.call('HSET', SEGMENT, ARGV[first], ARGV[first + 2])
    redis.call('HDEL', PENDING, ARGV[first + 3])
  end
end
for n = 1, count do destroy(tonumber(ARGV[2 + n])) end
return place(draft)
"""
)

# index below which nothing is left to destroy ('' to leave it), segment to drop or '', its file, number of places,
# the places, then the draft of the account
DESTROY = Script(
    SITE_LUA
    + PLACE_LUA
    + DESTROY_LUA
    + """
local count = tonumber(ARGV[4])
local segment = ARGV[2]
if segment ~= '' then
  local known = redis.call('HGET', SEGMENT, segment)
  if not known or cjson.decode(known).file ~= ARGV[3] then return false end
end
for n = 1, count do
  local index = ARGV[4 + n]
  if segment == '' and redis.call('HEXISTS', BODY, index) == 0 then return false end
  if segment ~= '' and stub_of(index).segment ~= tonumber(segment) then return false end
end
if redis.call('HEXISTS', ID, id_of(ARGV[5 + count])) == 1 then return 'taken' end
for n = 1, count do destroy(tonumber(ARGV[4 + n])) end
if segment ~= '' then redis.call('HDEL', SEGMENT, segment) end
if ARGV[1] ~= '' then redis.call('HSET', SITE, 'kept_from', ARGV[1]) end
return place(5 + count)
"""
)

# where the next segment begins now, where it will, the segment's file and JSON, then the places of its records
ARCHIVE = Script(
    SITE_LUA
    + """
if (redis.call('HGET', SITE, 'archived_until') or '0') ~= ARGV[1] then return 0 end
if redis.call('HEXISTS', PENDING, ARGV[3]) == 0 then return 0 end
for n = 5, #ARGV do
  if redis.call('HEXISTS', BODY, ARGV[n]) == 0 then return 0 end
end
local segment = redis.call('HINCRBY', SITE, 'segments', 1)
redis.call('HSET', SEGMENT, segment, ARGV[4])
redis.call('HDEL', PENDING, ARGV[3])
redis.call('HSET', SITE, 'archived_until', ARGV[2])
for n = 5, #ARGV do
  local stub = stub_of(ARGV[n])
  stub.segment = segment
  redis.call('HSET', STUB, ARGV[n], packed(stub))
  redis.call('HDEL', BODY, ARGV[n])
end
return 1
"""
)

# how old an announcement may be, in seconds: the files that the site names, or that somebody is about to name
SEGMENTS = Script(
    SITE_LUA
    + """
local now = tonumber(redis.call('TIME')[1])
local files = {}
for _, name in ipairs(redis.call('HKEYS', PENDING)) do
  if now - tonumber(redis.call('HGET', PENDING, name)) > tonumber(ARGV[1]) then redis.call('HDEL', PENDING, name)
  else files[#files + 1] = name end
end
for _, segment in ipairs(redis.call('HVALS', SEGMENT)) do files[#files + 1] = cjson.decode(segment).file end
return files
"""
)

ANNOUNCE = Script(SITE_LUA + "return redis.call('HSET', PENDING, ARGV[1], redis.call('TIME')[1])")
