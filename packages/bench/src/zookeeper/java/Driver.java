// Java's client under the same orders as main.ts: lines of JSON in, lines of JSON out.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

public final class Driver {
    static final ObjectMapper json = new ObjectMapper();

    private final ExecutorService pool = Executors.newCachedThreadPool();
    private final List<User> users = new ArrayList<>();
    private JsonNode use;
    private Holder holder;

    public static void main(String[] given) throws Exception {
        new Driver().listen();
        System.exit(0); // Nobody is left to serve.
    }

    private void listen() throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JsonNode asked = json.readTree(line);
            pool.submit(() -> answer(asked));
        }
    }

    private void answer(JsonNode asked) {
        ObjectNode said = json.createObjectNode().put("id", asked.get("id").asInt());
        try {
            said.set("result", obey(asked.get("job").asText(), asked.path("order")));
        } catch (Exception error) {
            said.put("error", error.toString());
        }
        synchronized (System.out) {
            System.out.println(said);
            System.out.flush();
        }
    }

    private JsonNode obey(String job, JsonNode order) throws Exception {
        switch (job) {
            case "use":
                use = order;
                for (int at = 0; at < order.get("count").asInt(); at += 1) users.add(new User(order, at));
                return ids();
            case "arm":
                for (User user : users) user.arm(order.get("path").asText());
                return null;
            case "mark":
                for (User user : users) user.mark();
                return null;
            case "fare":
                return fare(order);
            case "fired":
                ArrayNode fired = json.createArrayNode();
                for (User user : users) fired.add(user.fired());
                return fired;
            case "ids":
                return ids();
            case "renew":
                for (int at = 0; at < users.size(); at += 1) {
                    if (users.get(at).over() != null) users.set(at, new User(use, at));
                }
                return ids();
            case "load":
                return Load.run(order);
            case "weigh":
                return Weight.weigh(order);
            case "hold":
                holder = new Holder(order);
                return json.getNodeFactory().textNode(holder.ticket());
            case "write":
                return holder.write(order);
            default:
                throw new IllegalArgumentException(job);
        }
    }

    private ArrayNode ids() {
        ArrayNode ids = json.createArrayNode();
        for (User user : users) ids.add(user.id());
        return ids;
    }

    private ArrayNode fare(JsonNode order) throws Exception {
        List<Callable<ObjectNode>> asked = new ArrayList<>();
        for (int at = 0; at < users.size(); at += 1) {
            User user = users.get(at);
            boolean attached = order.get("attached").path(at).asBoolean();
            double within = attached || order.get("everybody").asBoolean() ? order.get("within").asDouble() : 0;
            asked.add(() -> user.fare(order.get("at").asDouble(), attached, within));
        }
        ArrayNode all = json.createArrayNode();
        for (Future<ObjectNode> one : pool.invokeAll(asked)) all.add(one.get());
        return all;
    }

    /** In ms, on the clock that all processes of this machine share. */
    static double now() {
        return System.nanoTime() / 1e6;
    }
}
