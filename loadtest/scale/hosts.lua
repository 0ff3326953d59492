-- Requests for random hosts of h0.scale.example to h<n-1>.scale.example; n is the first argument. Each also has a random
-- number in its query, so that the client works as hard for few hosts as for many.
local hosts

function init(args)
    hosts = tonumber(args[1])
    math.randomseed(7)
end

function request()
    local number = math.random(0, 99999)
    return "GET /?" .. number .. " HTTP/1.1\r\nHost: h" .. number % hosts .. ".scale.example\r\n\r\n"
end

function done(summary)
    local e = summary.errors
    print(string.format("DONE %d %d", summary.requests, e.connect + e.read + e.write + e.status + e.timeout))
end
