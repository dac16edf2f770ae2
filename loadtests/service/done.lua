-- What a round came to, in one line that `machine.wrk` reads: times in milliseconds.
function done(summary, latency)
  io.write(string.format('JSON {"requests":%d,"seconds":%.6f,"bytes":%d,"failed":%d,"p50":%.3f,"p99":%.3f}\n', summary.requests,
    summary.duration / 1e6, summary.bytes, summary.errors.status + summary.errors.timeout + summary.errors.read + summary.errors.connect,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
