-- Plain forward-proxying: the target in absolute form. The host and port come as the script's argument.
local bytes

function init(args)
    bytes = wrk.format("GET", "http://" .. args[1] .. "/", { ["Host"] = args[1] })
end

function request()
    return bytes
end

-- COUNT SECONDS, as TunnelLoad says it.
function done(summary)
    local errors = summary.errors
    local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
    if failed > 0 then
        io.stderr:write(failed .. " requests failed\n")
    end
    print("DONE " .. (summary.requests - errors.status) .. " " .. summary.duration / 1e6)
end
