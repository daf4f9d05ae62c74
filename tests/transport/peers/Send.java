import ca.uhn.hl7v2.DefaultHapiContext;
import ca.uhn.hl7v2.app.Connection;
import ca.uhn.hl7v2.model.Message;
import ca.uhn.hl7v2.util.Terser;
import ca.uhn.hl7v2.validation.impl.ValidationContextFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** Sends the message of each file to a port over MLLP with HAPI's client; prints MSA-1 and MSA-2 of each answer. */
public class Send {
    public static void main(String[] arguments) throws Exception {
        try (DefaultHapiContext context = new DefaultHapiContext()) {
            context.setValidationContext(ValidationContextFactory.noValidation());
            Connection connection = context.newClient("127.0.0.1", Integer.parseInt(arguments[0]), false);
            for (int i = 1; i < arguments.length; i++) {
                Message message = context.getPipeParser().parse(Files.readString(Path.of(arguments[i])));
                Terser answer = new Terser(connection.getInitiator().sendAndReceive(message));
                System.out.println(answer.get("/MSA-1") + " " + answer.get("/MSA-2"));
            }
            connection.close();
        }
    }
}
