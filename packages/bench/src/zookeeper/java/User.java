import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;

/** Reads a node through one session all the time, and remembers when that worked: user.ts says why it is done in this way. */
final class User implements Watcher {
    private static final double DYING = 2;

    private final ZooKeeper client;
    private final String path;
    private final CountDownLatch attached = new CountDownLatch(1);
    private final List<double[]> successes = new ArrayList<>();
    private final List<Double> losses = new ArrayList<>();
    private int errors;
    private String over;
    private volatile boolean fired = true;

    User(JsonNode order, int at) throws Exception {
        path = order.get("path").asText();
        client = new ZooKeeper(order.get("servers").asText(), order.get("timeout").asInt(), this);
        attached.await();
        client.create(order.get("ephemeral").asText() + at + "-" + id(), new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        Thread reader = new Thread(this::read);
        reader.setDaemon(true);
        reader.start();
    }

    @Override
    public synchronized void process(WatchedEvent event) {
        switch (event.getState()) {
            case SyncConnected:
                attached.countDown();
                break;
            case Disconnected:
                losses.add(Driver.now());
                break;
            case Expired:
            case AuthFailed:
                over = event.getState().name();
                break;
            default:
                break;
        }
        notifyAll();
    }

    String id() {
        return Long.toHexString(client.getSessionId());
    }

    synchronized String over() {
        return over;
    }

    boolean fired() {
        return fired;
    }

    void arm(String watched) throws Exception {
        fired = false;
        client.getData(watched, event -> {
            if (event.getType() != Watcher.Event.EventType.None) fired = true;
        }, null);
    }

    synchronized void mark() {
        successes.clear();
        losses.clear();
        errors = 0;
    }

    ObjectNode fare(double at, boolean wasAttached, double within) throws InterruptedException {
        for (;;) {
            synchronized (this) {
                Double back = back(at, wasAttached);
                if (back != null || Driver.now() > at + within || over != null) {
                    ObjectNode fared = Driver.json.createObjectNode();
                    if (back == null) fared.putNull("took");
                    else fared.put("took", back - at);
                    double loss = firstLoss(at);
                    if (Double.isInfinite(loss)) fared.putNull("told");
                    else fared.put("told", loss - at);
                    return fared.put("errors", errors).put("over", over);
                }
            }
            Thread.sleep(5);
        }
    }

    private Double back(double at, boolean wasAttached) {
        double loss = firstLoss(at);
        for (double[] success : successes) {
            if (success[1] > loss || (wasAttached && success[0] > at + DYING)) return success[1];
        }
        return null;
    }

    private double firstLoss(double at) {
        return losses.stream().filter(loss -> loss >= at).findFirst().orElse(Double.POSITIVE_INFINITY);
    }

    private void read() {
        while (over() == null) {
            double started = Driver.now();
            boolean good;
            try {
                client.getData(path, false, null);
                good = true;
            } catch (Exception error) {
                good = false;
            }
            synchronized (this) {
                if (good) successes.add(new double[] {started, Driver.now()});
                else errors += 1;
                try {
                    wait(good ? 5 : 1);
                } catch (InterruptedException error) {
                    return;
                }
            }
        }
    }
}
