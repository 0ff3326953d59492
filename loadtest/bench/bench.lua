-- wrk's script: arguments are the method and the size of the request's body; at the end a
-- line "DONE requests microseconds p50 p99 failures".
function init(args)
    wrk.method = args[1]
    local size = tonumber(args[2])
    if size > 0 then
        wrk.body = string.rep("x", size)
    end
end

function done(summary, latency)
    local e = summary.errors
    io.write(string.format("DONE %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50),
        latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
