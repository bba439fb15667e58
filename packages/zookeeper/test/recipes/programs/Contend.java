// Contends for a lock, or for leadership, as Curator does it. Understands the same words as contend.ts and contend.py.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.nodes.GroupMember;
import org.apache.curator.retry.ExponentialBackoffRetry;

public class Contend {
  static final BufferedReader in = new BufferedReader(new InputStreamReader(System.in));

  public static void main(String[] args) throws Exception {
    String recipe = args[0], servers = args[1], path = args[2], name = args[3];
    CuratorFramework client = CuratorFrameworkFactory.newClient(servers, 20_000, 10_000, new ExponentialBackoffRetry(50, 10));
    client.start();
    client.blockUntilConnected();
    say("ready");
    if (recipe.equals("lock")) lock(client, path, name, Path.of(args[4]), Integer.parseInt(args[5]));
    else if (recipe.equals("election")) election(client, path, name);
    else member(client, path, name);
    client.close();
    System.exit(0);
  }

  static void lock(CuratorFramework client, String path, String name, Path history, int rounds) throws Exception {
    InterProcessMutex mutex = new InterProcessMutex(client, path);
    in.readLine();
    for (int round = 0; round < rounds; round++) {
      if (!mutex.acquire(300, TimeUnit.SECONDS)) throw new IllegalStateException("no lock");
      try {
        Collection<String> nodes = mutex.getParticipantNodes();
        long token = client.checkExists().forPath(nodes.iterator().next()).getCzxid();
        Path guard = Path.of(history + ".held");
        Files.createFile(guard); // Throws where somebody else holds it.
        append(history, "enter " + name + " " + token);
        Thread.sleep(5);
        append(history, "leave " + name + " " + token);
        Files.delete(guard);
      } finally {
        mutex.release();
      }
    }
    say("done");
  }

  static void election(CuratorFramework client, String path, String name) throws Exception {
    try (LeaderLatch latch = new LeaderLatch(client, path, name)) {
      latch.start();
      say("standing");
      latch.await();
      say("elected " + String.join(",", latch.getParticipants().stream().map(one -> one.getId() + (one.isLeader() ? "*" : "")).sorted().toList()));
      in.readLine();
    }
    say("resigned");
  }

  static void member(CuratorFramework client, String path, String name) throws Exception {
    try (GroupMember member = new GroupMember(client, path, name, "of curator".getBytes())) {
      member.start();
      for (String line = in.readLine(); line != null && !line.equals("leave"); line = in.readLine()) {
        StringBuilder all = new StringBuilder("members");
        new java.util.TreeMap<>(member.getCurrentMembers()).forEach((id, payload) -> all.append(' ').append(id).append('=').append(new String(payload).replace(' ', '_')));
        say(all.toString());
      }
    }
    say("left");
  }

  static void append(Path history, String line) throws Exception {
    Files.writeString(history, line + "\n", StandardOpenOption.APPEND, StandardOpenOption.CREATE);
  }

  static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
