import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;

/** One of two that hold the same session. */
final class Holder implements Watcher {
    private final ZooKeeper client;
    private final CountDownLatch first = new CountDownLatch(1);
    private final AtomicInteger attached = new AtomicInteger();
    private volatile String over;

    Holder(JsonNode order) throws Exception {
        String servers = order.get("servers").asText();
        int timeout = order.get("timeout").asInt();
        if (order.has("ticket")) {
            JsonNode ticket = Driver.json.readTree(order.get("ticket").asText());
            client = new ZooKeeper(servers, timeout, this, Long.parseUnsignedLong(ticket.get("id").asText(), 16), Base64.getDecoder().decode(ticket.get("password").asText()));
        } else {
            client = new ZooKeeper(servers, timeout, this);
        }
        first.await();
    }

    @Override
    public void process(WatchedEvent event) {
        switch (event.getState()) {
            case SyncConnected:
                attached.incrementAndGet();
                first.countDown();
                break;
            case Expired:
            case AuthFailed:
                over = event.getState().name();
                break;
            default:
                break;
        }
    }

    String ticket() {
        return Driver.json.createObjectNode().put("id", Long.toHexString(client.getSessionId())).put("password", Base64.getEncoder().encodeToString(client.getSessionPasswd())).toString();
    }

    ObjectNode write(JsonNode order) throws Exception {
        int before = attached.get();
        AtomicInteger written = new AtomicInteger();
        Map<String, Integer> errors = new TreeMap<>();
        double end = Driver.now() + order.get("milliseconds").asDouble();
        while (Driver.now() < end) {
            client.setData(order.get("path").asText(), new byte[8], -1, (code, path, context, stat) -> {
                if (code == 0) written.incrementAndGet();
                else synchronized (errors) { errors.merge(KeeperException.Code.get(code).name(), 1, Integer::sum); }
            }, null);
            Thread.sleep(order.get("every").asLong());
        }
        ObjectNode said = Driver.json.createObjectNode().put("reconnects", attached.get() - before).put("written", written.get()).put("over", over);
        synchronized (errors) { said.set("errors", Driver.json.valueToTree(errors)); }
        return said;
    }
}
