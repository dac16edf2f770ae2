"""What runs inside Redis: each script is one atomic step on the keys of one site, or of the service.

All keys of a site share a hash tag and so a slot of a cluster; every script of a site is given all of them, in the
order of `layout.site_keys`. A script makes all its checks before its first write: what it refuses changes nothing.

A stub is what stays of an entry for good (`layout.Stub`): id, digest, commitment, key of its subject, place of that
subject's entry before it plus one, segment that it was archived in, kind. A body is there while the record is hot.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua script; Redis knows it by its SHA-1 once it was loaded."""

    text: str = field(repr=False)
    sha: str = field(init=False)

    def __post_init__(self) -> None:
        sha = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()
        object.__setattr__(self, "sha", sha)


SITE_LUA = """
local SITE, STUB, BODY, ID, HEAD, TILE, CONFIG, SEGMENT, PENDING, PAST, SAID, EXPORT = unpack(KEYS)
local STUB_FORM = '>c16c16c32c16I8I8c1'
local NOTHING = string.rep('\\0', 16)

local function stub_of(index)
  local id, digest, commitment, subject, before, segment, kind =
    struct.unpack(STUB_FORM, redis.call('HGET', STUB, index))
  return {id = id, digest = digest, commitment = commitment, subject = subject,
          before = before, segment = segment, kind = kind}
end

local function packed(s)
  return struct.pack(STUB_FORM, s.id, s.digest, s.commitment, s.subject, s.before, s.segment, s.kind)
end

local function row(index)
  local stub = redis.call('HGET', STUB, index)
  local segment = struct.unpack('>I8', string.sub(stub, 89, 96))
  local file = segment ~= 0 and cjson.decode(redis.call('HGET', SEGMENT, segment)).file or ''
  return {tonumber(index), stub, redis.call('HGET', BODY, index) or '', file}
end
"""

# A draft is one argument: id, digest, commitment, key of its subject (or nothing), kind, id of the entry that it was
# made to follow (or nothing), body (`layout.pack_draft`); so far as the kind as in a stub. Answers for each its new
# index, {1, row} for an id that is there, {2, row} for another entry to follow.
PLACE_LUA = """
local function id_of(draft) return string.sub(draft, 1, 16) end
local function digest_of(draft) return string.sub(draft, 17, 32) end

local function place(first)
  local appended = tonumber(redis.call('HGET', SITE, 'appended'))
  local ids, subjects, answers = {}, {}, {}
  for at = first, #ARGV do
    ids[#ids + 1] = id_of(ARGV[at])
    subjects[#subjects + 1] = string.sub(ARGV[at], 65, 80)
  end
  local known = redis.call('HMGET', ID, unpack(ids))
  local heads = redis.call('HMGET', HEAD, unpack(subjects))
  local stubs, bodies, names, newest = {}, {}, {}, {}
  for n = 1, #ids do
    local draft, head = ARGV[first + n - 1], heads[n]
    local follows = string.sub(draft, 82, 97)
    if known[n] then
      answers[n] = {1, row(known[n])}
    elseif head and string.sub(redis.call('HGET', STUB, head), 1, 16) ~= follows then
      answers[n] = {2, row(head)}
    elseif not head and follows ~= NOTHING then
      answers[n] = {2, false}
    else
      local before = head and tonumber(head) + 1 or 0
      stubs[#stubs + 1] = appended
      stubs[#stubs + 1] = string.sub(draft, 1, 80) .. struct.pack('>I8I8', before, 0) .. string.sub(draft, 81, 81)
      bodies[#bodies + 1] = appended
      bodies[#bodies + 1] = string.sub(draft, 98)
      names[#names + 1] = ids[n]
      names[#names + 1] = appended
      if subjects[n] ~= NOTHING then
        newest[#newest + 1] = subjects[n]
        newest[#newest + 1] = appended
      end
      answers[n] = appended
      appended = appended + 1
    end
  end
  if #stubs > 0 then
    redis.call('HSET', STUB, unpack(stubs))
    redis.call('HSET', BODY, unpack(bodies))
    redis.call('HSET', ID, unpack(names))
    if #newest > 0 then redis.call('HSET', HEAD, unpack(newest)) end
    redis.call('HSET', SITE, 'appended', appended)
  end
  return answers
end
"""

APPEND = Script(
    SITE_LUA
    + PLACE_LUA
    + """
if redis.call('EXISTS', SITE) == 0 then return false end
return place(1)
"""
)

# version, body, published_at, script, files, then the draft of the publication
PUBLISH = Script(
    SITE_LUA
    + PLACE_LUA
    + """
if redis.call('EXISTS', SITE) == 0 then return false end
local known = redis.call('HGET', ID, id_of(ARGV[6]))
if known and stub_of(known).digest ~= digest_of(ARGV[6]) then return {{1, row(known)}} end
local placed = place(6)
if type(placed[1]) == 'number' then
  redis.call('HSET', SITE, 'publications', (redis.call('HGET', SITE, 'publications') or '') .. placed[1] .. ' ')
end
redis.call('HSETNX', CONFIG, ARGV[1], ARGV[3] .. ' ' .. ARGV[2])
redis.call('HSET', SITE, 'version', ARGV[1], 'published_at', ARGV[3], 'script', ARGV[4], 'files', ARGV[5])
return placed
"""
)

# draft, origin, signing key
PUT_SITE = Script(
    SITE_LUA
    + """
local there = redis.call('EXISTS', SITE) == 1
if not there then redis.call('HSET', SITE, 'signing_key', ARGV[3], 'appended', 0, 'sealed', 0) end
if redis.call('HGET', SITE, 'appended') == '0' then redis.call('HSET', SITE, 'origin', ARGV[2]) end
redis.call('HSET', SITE, 'draft', ARGV[1])
return there and 0 or 1
"""
)

# draft, the draft that it replaces
REPLACE_DRAFT = Script(
    SITE_LUA
    + """
if redis.call('HGET', SITE, 'draft') ~= ARGV[2] then return 0 end
redis.call('HSET', SITE, 'draft', ARGV[1])
return 1
"""
)

# first index, how many
RANGE = Script(
    SITE_LUA
    + """
local rows = {}
local appended = tonumber(redis.call('HGET', SITE, 'appended') or '0')
for index = tonumber(ARGV[1]), math.min(appended, ARGV[1] + ARGV[2]) - 1 do rows[#rows + 1] = row(index) end
return rows
"""
)

ROWS = Script(
    SITE_LUA
    + """
local rows = {}
for n = 1, #ARGV do rows[n] = row(ARGV[n]) end
return rows
"""
)

ENTRY = Script(
    SITE_LUA
    + """
local index = redis.call('HGET', ID, ARGV[1])
return index and row(index)
"""
)

# key of a subject, the place to go back from plus one (0: its newest), how many: places, newest first
HISTORY = Script(
    SITE_LUA
    + """
local places = {}
local at = tonumber(ARGV[2]) - 1
if at < 0 then at = tonumber(redis.call('HGET', HEAD, ARGV[1]) or '-1') end
while at >= 0 and #places < tonumber(ARGV[3]) do
  places[#places + 1] = at
  at = stub_of(at).before - 1
end
return {places, at + 1}
"""
)

# old size, new size, checkpoint, rotations, fence, number of obsolete tiles, their paths, then path and bytes of each
SEAL = Script(
    SITE_LUA
    + """
local state = redis.call('HMGET', SITE, 'sealed', 'fence')
local rotations = redis.call('HLEN', PAST)
if state[1] ~= ARGV[1] or tonumber(state[2] or '0') > tonumber(ARGV[5]) or rotations ~= tonumber(ARGV[4]) then
  return 0
end
for n = 1, tonumber(ARGV[6]) do redis.call('HDEL', TILE, ARGV[6 + n]) end
for at = 7 + ARGV[6], #ARGV, 2 do redis.call('HSET', TILE, ARGV[at], ARGV[at + 1]) end
if rotations > 0 then
  local last = cjson.decode(redis.call('HGET', PAST, rotations))
  if last.checkpoint == '' and last.act < tonumber(ARGV[2]) then
    last.checkpoint, last.seed = ARGV[3], ''
    redis.call('HSET', PAST, rotations, cjson.encode(last))
  end
end
redis.call('HSET', SITE, 'sealed', ARGV[2], 'checkpoint', ARGV[3], 'fence', ARGV[5])
return 1
"""
)

# old key, new key, old key in hex, its verifier key, id of the act, then the draft of the act
ROTATE = Script(
    SITE_LUA
    + PLACE_LUA
    + """
local rotations = redis.call('HLEN', PAST)
local waits = rotations > 0 and cjson.decode(redis.call('HGET', PAST, rotations)).checkpoint == ''
if redis.call('HGET', SITE, 'signing_key') ~= ARGV[1] or waits then return false end
local placed = place(6)
if type(placed[1]) == 'number' then
  redis.call('HSET', PAST, rotations + 1, cjson.encode(
    {vkey = ARGV[4], seed = ARGV[3], act = placed[1], act_id = ARGV[5], checkpoint = ''}))
  redis.call('HSET', SITE, 'signing_key', ARGV[2])
end
return placed
"""
)

# source, size, checkpoint, answer in hex, time
ENDORSE = Script(
    SITE_LUA
    + """
for _, name in ipairs(redis.call('HKEYS', SAID)) do
  local said = cjson.decode(redis.call('HGET', SAID, name))
  if said.source == ARGV[1] and said.size < tonumber(ARGV[2]) and said.day == string.sub(ARGV[5], 1, 10) then
    redis.call('HDEL', SAID, name)
  end
end
redis.call('HSET', SAID, ARGV[2] .. ' ' .. ARGV[1], cjson.encode({source = ARGV[1], size = tonumber(ARGV[2]),
  checkpoint = ARGV[3], answer = ARGV[4], at = ARGV[5], day = string.sub(ARGV[5], 1, 10)}))
return 1
"""
)

# holder, seconds, the longest that anybody asks for; times by the clock of the one Redis that keeps the lease
LEASE = Script(
    """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local lease = redis.call('HMGET', KEYS[1], 'holder', 'fence', 'until')
local holder, fence, ends = lease[1], tonumber(lease[2] or '0'), tonumber(lease[3] or '0')
if holder ~= ARGV[1] then
  if now < ends and ends <= now + ARGV[3] then return false end
  fence = fence + 1
end
redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'fence', fence, 'until', string.format('%.6f', now + ARGV[2]))
return fence
"""
)

# a site, and 'begin' before its publication, 'end' after it: then everybody hears of it
NOTICE = Script(
    """
local GENERATION, CHANGED, PUBLISHING = unpack(KEYS)
if ARGV[2] == 'begin' then return redis.call('HSET', PUBLISHING, ARGV[1], redis.call('TIME')[1]) end
redis.call('HDEL', PUBLISHING, ARGV[1])
return redis.call('ZADD', CHANGED, redis.call('INCR', GENERATION), ARGV[1])
"""
)

# the generation known so far, seconds after which a publication that was begun counts as ended by a crash
CHANGES = Script(
    """
local GENERATION, CHANGED, PUBLISHING = unpack(KEYS)
local now = tonumber(redis.call('TIME')[1])
for _, site in ipairs(redis.call('HKEYS', PUBLISHING)) do
  if now - tonumber(redis.call('HGET', PUBLISHING, site)) > tonumber(ARGV[2]) then
    redis.call('HDEL', PUBLISHING, site)
    redis.call('ZADD', CHANGED, redis.call('INCR', GENERATION), site)
  end
end
return {tonumber(redis.call('GET', GENERATION) or '0'), redis.call('ZRANGEBYSCORE', CHANGED, '(' .. ARGV[1], '+inf')}
"""
)
