import java.io.BufferedReader;
import java.io.InputStreamReader;
import javax.jms.Connection;
import javax.jms.DeliveryMode;
import javax.jms.Message;
import javax.jms.MessageConsumer;
import javax.jms.MessageProducer;
import javax.jms.Queue;
import javax.jms.Session;
import org.apache.activemq.ActiveMQConnection;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.ActiveMQSession;
import org.apache.activemq.transport.DefaultTransportListener;

/** Java's own client doing what driver/main.ts does, and saying the same about it. */
public final class Failover {
    private long confirmed;
    private long inFlight;
    private double told;
    private double receipt;
    private double delivery;
    private long delivered;

    public static void main(String[] given) throws Exception {
        Thread orders = new Thread(() -> {
            try {
                BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
                for (String uri = lines.readLine(); uri != null; uri = lines.readLine()) warm(uri);
            } catch (Exception error) {
                System.err.println(error);
            }
            Runtime.getRuntime().halt(0); // Nobody is left to serve.
        });
        orders.setDaemon(true);
        orders.start();
        new Failover().run(given[0], given[1]);
    }

    /** What any other client of that broker does: one message, there and back. */
    private static void warm(String uri) throws Exception {
        Connection connection = new ActiveMQConnectionFactory(uri).createConnection();
        connection.start();
        Session session = connection.createSession(false, ActiveMQSession.INDIVIDUAL_ACKNOWLEDGE);
        Queue queue = session.createQueue("others");
        MessageConsumer consumer = session.createConsumer(queue);
        MessageProducer producer = session.createProducer(queue);
        producer.setDeliveryMode(DeliveryMode.PERSISTENT);
        for (int round = 0; round < 20; round += 1) {
            producer.send(session.createTextMessage("hello"));
            consumer.receive().acknowledge();
        }
        connection.close();
        System.out.println("{\"warm\":true}");
    }

    private void run(String uri, String name) throws Exception {
        ActiveMQConnection connection = (ActiveMQConnection) new ActiveMQConnectionFactory(uri).createConnection();
        connection.addTransportListener(new DefaultTransportListener() {
            @Override
            public void transportInterupted() {
                lost();
            }
        });
        connection.start();
        Session listening = connection.createSession(false, ActiveMQSession.INDIVIDUAL_ACKNOWLEDGE);
        Queue queue = listening.createQueue(name);
        MessageConsumer consumer = listening.createConsumer(queue);
        consumer.setMessageListener(this::heard);
        Session speaking = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = speaking.createProducer(queue);
        producer.setDeliveryMode(DeliveryMode.PERSISTENT); // Which is synchronous: it returns when the broker has it on its disk.
        for (long number = 1;; number += 1) {
            Message message = speaking.createTextMessage("hello");
            message.setLongProperty("number", number);
            producer.send(message);
            end(number);
            await(number);
            Thread.sleep(5);
        }
    }

    private synchronized void lost() {
        told = now();
        inFlight = confirmed + 1;
        receipt = 0;
        delivery = 0;
        notifyAll();
    }

    private synchronized void end(long number) {
        confirmed = number;
        if (told > 0 && receipt == 0) receipt = now();
        if (number == 1) System.out.println("{\"ready\":true}");
        tell();
    }

    private void heard(Message message) {
        try {
            note(message.getLongProperty("number"));
            message.acknowledge();
        } catch (Exception error) {
            System.err.println(error);
        }
    }

    private synchronized void note(long number) {
        delivered = Math.max(delivered, number);
        if (told > 0 && delivery == 0 && number >= inFlight) delivery = now();
        tell();
        notifyAll();
    }

    /** One line for each loss, when everything works again. */
    private void tell() {
        if (told == 0 || receipt == 0 || delivery == 0) return;
        System.out.println("{\"told\":" + told + ",\"receipt\":" + receipt + ",\"delivery\":" + delivery + "}");
        told = 0;
    }

    /** Until it has come back to us, or cannot any more. */
    private synchronized void await(long number) throws InterruptedException {
        while (delivered < number && told == 0) wait();
    }

    private static double now() {
        return System.nanoTime() / 1e6;
    }
}
