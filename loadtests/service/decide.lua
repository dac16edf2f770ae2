-- POST consents: a new decision each time; what was acknowledged goes to the file ACKNOWLEDGED, one id a line.
wrk.method = 'POST'
wrk.headers['Content-Type'] = 'application/json'
wrk.headers['Origin'] = os.getenv('ORIGIN')
local config, out, n = os.getenv('CONFIG'), io.open(os.getenv('ACKNOWLEDGED'), 'ab'), 0
out:setvbuf('no')
local alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
local random = io.open('/dev/urandom', 'rb')
local run = random:read(4):gsub('.', function(c) return string.format('%02x', c:byte()) end)
random:close()
local function subject(k)
  local text = ''
  for _ = 1, 8 do local i = k % 64 + 1; text = text .. alphabet:sub(i, i); k = (k - k % 64) / 64 end
  return run .. text .. 'AAAAAA'
end
function request()
  n = n + 1
  local id = string.format('01932c07-%04x-7%03x-8000-%s%04x', n % 65536, math.floor(n / 65536) % 4096, run, n % 65536)
  return wrk.format(nil, nil, nil, '{"id":"' .. id .. '","subject":"' .. subject(n) .. '","config":"' .. config ..
    '","action":"save","choices":{"audience":true,"ads":false},"language":"fr","layer":2,"control":"preferences-save",' ..
    '"page":"http://shop.test:8000/produit","viewport":"desktop","client_time":"2026-11-21T08:15:30.000Z"}')
end
function response(status, headers, body)
  if status == 201 then out:write(body:match('"id":"([^"]+)"'), '\n') end
end
dofile(os.getenv('FOLDER') .. '/done.lua')
