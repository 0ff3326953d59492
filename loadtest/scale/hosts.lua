-- Requests for random hosts of h0.scale.example to h<n-1>.scale.example; n is the first argument.
local hosts

function init(args)
    hosts = tonumber(args[1])
    math.randomseed(7)
end

function request()
    return "GET / HTTP/1.1\r\nHost: h" .. math.random(0, hosts - 1) .. ".scale.example\r\n\r\n"
end

function done(summary)
    local e = summary.errors
    print(string.format("DONE %d %d", summary.requests, e.connect + e.read + e.write + e.status + e.timeout))
end
