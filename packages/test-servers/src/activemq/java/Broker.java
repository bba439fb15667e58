import java.io.File;
import java.util.List;
import org.apache.activemq.broker.BrokerPlugin;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.broker.region.policy.PolicyEntry;
import org.apache.activemq.broker.region.policy.PolicyMap;
import org.apache.activemq.security.AuthenticationUser;
import org.apache.activemq.security.SimpleAuthenticationPlugin;
import org.apache.activemq.store.kahadb.KahaDBPersistenceAdapter;

/** A broker that keeps its messages: name, folder of the store, port for STOMP, port for OpenWire, and, if it asks for one, login and passcode. */
public final class Broker {
    public static void main(String[] given) throws Exception {
        KahaDBPersistenceAdapter store = new KahaDBPersistenceAdapter();
        store.setDirectory(new File(given[1]));
        store.setJournalMaxFileLength(4 << 20);

        // By default a restart forgets which messages were delivered before, and their duplicates would come unmarked.
        PolicyEntry policy = new PolicyEntry();
        policy.setPersistJMSRedelivered(true);
        PolicyMap policies = new PolicyMap();
        policies.setDefaultEntry(policy);

        BrokerService broker = new BrokerService();
        broker.setBrokerName(given[0]);
        broker.setPersistenceAdapter(store);
        broker.setDestinationPolicy(policies);
        broker.setUseJmx(false);
        broker.setUseShutdownHook(false);
        broker.getSystemUsage().getMemoryUsage().setLimit(24L << 20);
        broker.getSystemUsage().getStoreUsage().setLimit(1L << 30);
        broker.getSystemUsage().getTempUsage().setLimit(64L << 20);
        if (given.length > 5) {
            AuthenticationUser user = new AuthenticationUser(given[4], given[5], "users");
            broker.setPlugins(new BrokerPlugin[] {new SimpleAuthenticationPlugin(List.of(user))});
        }
        // Without it Nagle's algorithm holds a message back behind a receipt that the client's system has not acknowledged yet: 40 ms.
        broker.addConnector("stomp://127.0.0.1:" + given[2] + "?transport.tcpNoDelay=true");
        broker.addConnector("tcp://127.0.0.1:" + given[3] + "?transport.tcpNoDelay=true");
        broker.start();
        broker.waitUntilStopped();
    }
}
