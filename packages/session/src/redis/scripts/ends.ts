// How sessions end. Their keys go in the same step; what the index still says of them is cleared afterwards, and nobody believes it until then.
import { script, type Script } from "./script.ts";

/** Ends the session of KEYS session messages keys deadlines news. What it held is the tail of the answer: key, nonce, key, nonce … */
const finish = `
local function finish(id, why, row)
  local answer = {'ended', why, row[2]}
  local held = redis.call('HGETALL', KEYS[3])
  for at = 1, #held, 2 do
    local nonce, order = string.match(held[at + 1], '^h(%S+) (%S+) ')
    if nonce then
      answer[#answer + 1], answer[#answer + 2] = held[at], nonce
      tell(KEYS[5], 'key', held[at], order)
    end
  end
  local secret, principal = unpack(redis.call('HMGET', KEYS[1], 'secret', 'principal'))
  redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
  redis.call('ZREM', KEYS[4], id)
  redis.call('HSET', KEYS[1], 'why', why, 'received', row[2], 'principal', principal)
  if secret then redis.call('HSET', KEYS[1], 'secret', secret) end
  redis.call('PEXPIRE', KEYS[1], exact(math.ceil(row[4] * 10)))
  tell(KEYS[5], 'ended', id, why)
  return answer
end
`;

/** KEYS session messages keys deadlines news · ARGV id, epoch. */
export const close: Script = script("close", `${finish}
local row = redis.call('HMGET', KEYS[1], 'why', 'received', 'epoch', 'timeout')
local over = gone(row[1], row[2])
if over then return over end
if tonumber(row[3]) ~= tonumber(ARGV[2]) then return {'fenced', tonumber(row[3])} end
return finish(ARGV[1], 'closed', row)
`, { frees: true });

/** KEYS session messages keys deadlines news · ARGV id. Ends it only if it is still overdue. */
export const expire: Script = script("expire", `${finish}
local deadline = redis.call('ZSCORE', KEYS[4], ARGV[1])
if not deadline or tonumber(deadline) > now() then return {'alive'} end
local row = redis.call('HMGET', KEYS[1], 'why', 'received', 'epoch', 'timeout')
if gone(row[1], row[2]) then
  redis.call('ZREM', KEYS[4], ARGV[1])
  return {'alive'}
end
return finish(ARGV[1], 'expired', row)
`, { frees: true });

/**
 * KEYS deadlines book news · ARGV limit, outageAfter → how many news were told so far, and ids that are overdue.
 * Where nobody asked for so long, nobody could renew either: nothing is overdue until everybody had a whole timeout. One such pause is followed by a look,
 * or keepers that ask seldom would end nobody.
 */
export const due: Script = script("due", `
local time, told = now(), tonumber(redis.call('GET', KEYS[3]) or '0')
local book = redis.call('HMGET', KEYS[2], 'seen', 'spared', 'longest')
local silence, patience, spared = time - (book[1] or time), tonumber(ARGV[2]), tonumber(book[2] or '0')
if silence > patience and spared == 0 then
  spared = time + (book[3] or 0)
  redis.call('HSET', KEYS[2], 'spared', exact(spared))
end
if not book[1] or silence > math.min(patience / 4, 1000) then redis.call('HSET', KEYS[2], 'seen', exact(time)) end
if time < spared then return {told} end
if spared > 0 then redis.call('HSET', KEYS[2], 'spared', '0') end
local found = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', exact(time), 'LIMIT', 0, ARGV[1])
table.insert(found, 1, told)
return found
`, { frees: true });

/** KEYS news → how many news were told so far. */
export const count: Script = script("subscribe", `
return {tonumber(redis.call('GET', KEYS[1]) or '0')}
`, { frees: true });
