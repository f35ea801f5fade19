-- For wrk: sends the lines "TARGET<TAB>CLIENT" of a file in turn, the client in X-Forwarded-For, on
-- keep-alive connections; prints one line of JSON at the end.
--   wrk … -s requests.lua URL -- FILE
local requests, at = {}, 0

function init(arguments)
  for line in io.lines(arguments[1]) do
    local target, client = line:match('^([^\t]+)\t(%S+)$')
    requests[#requests + 1] = wrk.format('GET', target, {
      ['Host'] = 'mirrors.example',
      ['User-Agent'] = 'libdnf (Mirrorway bench; generic; Linux.x86_64)',
      ['Accept'] = '*/*',
      ['X-Forwarded-For'] = client,
    })
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('{"answers": %d, "microseconds": %d, "p50": %d, "p99": %d, "p999": %d, "errors": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
