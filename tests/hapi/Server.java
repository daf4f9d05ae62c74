import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.StrictErrorHandler;
import ca.uhn.fhir.rest.annotation.Transaction;
import ca.uhn.fhir.rest.annotation.TransactionParam;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import ca.uhn.fhir.rest.server.provider.HashMapResourceProvider;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Communication;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.Flag;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Provenance;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.ServiceRequest;

/** HAPI's FHIR R4 server with its in-memory providers, at a free loopback port that it prints; strict in what it reads. */
class HapiServer {
  /** Takes a transaction of PUTs through the providers of the types; answers with what became of each. */
  public static class Transactions {
    private final Map<String, HashMapResourceProvider<?>> providers;

    Transactions(Map<String, HashMapResourceProvider<?>> providers) {
      this.providers = providers;
    }

    @Transaction
    @SuppressWarnings({"unchecked", "rawtypes"})
    public Bundle transaction(@TransactionParam Bundle sent) {
      Bundle answer = new Bundle().setType(Bundle.BundleType.TRANSACTIONRESPONSE);
      for (Bundle.BundleEntryComponent entry : sent.getEntry()) {
        Resource resource = entry.getResource();
        HashMapResourceProvider provider = providers.get(resource.fhirType());
        if (provider == null || entry.getRequest().getMethod() != Bundle.HTTPVerb.PUT
            || !entry.getRequest().getUrl().equals(resource.fhirType() + "/" + resource.getIdPart())) {
          throw new UnprocessableEntityException("only PUTs of known types under their own id");
        }
        provider.update(resource, null, null);
        answer.addEntry().getResponse().setStatus("200 OK").setLocation(entry.getRequest().getUrl());
      }
      return answer;
    }
  }

  public static void main(String[] none) throws Exception {
    FhirContext context = FhirContext.forR4();
    context.setParserErrorHandler(new StrictErrorHandler());
    Map<String, HashMapResourceProvider<?>> providers = new LinkedHashMap<>();
    for (Class<? extends Resource> type : List.of(Communication.class, DiagnosticReport.class, Flag.class,
        ImagingStudy.class, Observation.class, Patient.class, Provenance.class, ServiceRequest.class)) {
      providers.put(type.getSimpleName(), new HashMapResourceProvider<>(context, type));
    }
    RestfulServer fhir = new RestfulServer(context);
    List<Object> all = new ArrayList<>(providers.values());
    all.add(new Transactions(providers));
    fhir.registerProviders(all);
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ServletContextHandler handler = new ServletContextHandler("/");
    handler.addServlet(new ServletHolder(fhir), "/fhir/*");
    server.setHandler(handler);
    server.start();
    System.out.println(connector.getLocalPort());
    System.out.flush();
    server.join();
  }
}
