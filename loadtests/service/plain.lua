-- GET, or POST of the file BODY; headers from the environment.
if os.getenv('BODY') then wrk.method = 'POST'; wrk.body = os.getenv('BODY'); wrk.headers['Content-Type'] = 'application/json' end
if os.getenv('ORIGIN') then wrk.headers['Origin'] = os.getenv('ORIGIN') end
if os.getenv('ENCODING') then wrk.headers['Accept-Encoding'] = os.getenv('ENCODING') end
if os.getenv('ETAG') then wrk.headers['If-None-Match'] = os.getenv('ETAG') end
wrk.headers['User-Agent'] = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
dofile(os.getenv('FOLDER') .. '/done.lua')
