-- POST subjects, c15t's way to tell of a decision: a new subject each time, whose id is base 58 after "sub_".
wrk.method = 'POST'
wrk.headers['Content-Type'] = 'application/json'
wrk.headers['Origin'] = os.getenv('ORIGIN')
wrk.headers['cf-ipcountry'] = 'FR'
local digits = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
local random = io.open('/dev/urandom', 'rb')
local run = random:read(12):gsub('.', function(c) local i = c:byte() % 58 + 1; return digits:sub(i, i) end)
random:close()
local n = 0
function request()
  n = n + 1
  local text, k = '', n
  for _ = 1, 6 do local i = k % 58 + 1; text = text .. digits:sub(i, i); k = (k - k % 58) / 58 end
  return wrk.format(nil, nil, nil, '{"type":"cookie_banner","subjectId":"sub_' .. run .. text .. '","domain":"shop.test",' ..
    '"preferences":{"necessary":true,"measurement":true,"marketing":false},"givenAt":' ..
    string.format('%d', os.time() * 1000 - 1000) .. ',"metadata":{}}')
end
dofile(os.getenv('FOLDER') .. '/done.lua')
