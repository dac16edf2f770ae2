-- GET, or POST of the file BODY; headers from the environment.
if os.getenv('BODY') then wrk.method = 'POST'; wrk.body = os.getenv('BODY'); wrk.headers['Content-Type'] = 'application/json' end
if os.getenv('ORIGIN') then wrk.headers['Origin'] = os.getenv('ORIGIN') end
if os.getenv('ENCODING') then wrk.headers['Accept-Encoding'] = os.getenv('ENCODING') end
if os.getenv('ETAG') then wrk.headers['If-None-Match'] = os.getenv('ETAG') end
wrk.headers['User-Agent'] = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
function done(summary, latency)
  io.write(string.format('JSON {"requests":%d,"seconds":%.6f,"bytes":%d,"failed":%d,"p50":%.3f,"p99":%.3f}\n', summary.requests,
    summary.duration / 1e6, summary.bytes, summary.errors.status + summary.errors.timeout + summary.errors.read + summary.errors.connect,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
