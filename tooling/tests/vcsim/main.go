// Runs govmomi's vCenter simulator for the tests: on a free port of 127.0.0.1, over TLS, until stdin closes.
// Lines of JSON go to stdout: first where the server is, then every exchange it answered. Its log goes to stderr.
package main

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"os/signal"

	"github.com/vmware/govmomi/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator" // registers the content library's endpoints
)

type ready struct {
	URL         string `json:"url"`
	DatastoreID string `json:"datastore_id"`
}

type exchange struct {
	Method string `json:"method"`
	URI    string `json:"uri"`
	Status int    `json:"status"`
}

// statusWriter remembers the status of an answer. 0 means that the handler died without one.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(data []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(data)
}

var stdout = log.New(os.Stdout, "", 0) // one whole line at a time

func printJSON(value any) {
	line, err := json.Marshal(value)
	if err != nil {
		log.Fatal(err)
	}
	stdout.Print(string(line))
}

func journal(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorded, uri := &statusWriter{ResponseWriter: w}, r.RequestURI
		defer func() { printJSON(exchange{r.Method, uri, recorded.status}) }()
		next.ServeHTTP(recorded, r)
		if recorded.status == 0 {
			recorded.status = http.StatusOK
		}
	})
}

func main() {
	// Ctrl-C reaches the whole process group. The parent closes stdin then, and the temporary files still get removed.
	signal.Ignore(os.Interrupt)

	model := simulator.VPX()
	if err := model.Create(); err != nil {
		log.Fatal(err)
	}
	defer model.Remove()

	// With a login of its own, vcsim refuses every other one. By default it takes anybody.
	login := url.UserPassword(os.Getenv("VCSIM_USER"), os.Getenv("VCSIM_PASSWORD"))
	model.Service.Listen = &url.URL{Host: "127.0.0.1:0", User: login}
	model.Service.TLS = new(tls.Config)
	model.Service.RegisterEndpoints = true

	server := model.Service.NewServer()
	server.Config.Handler = journal(server.Config.Handler)
	datastore := model.Map().Any("Datastore").Reference().Value
	printJSON(ready{URL: "https://" + server.URL.Host, DatastoreID: datastore})

	_, _ = io.Copy(io.Discard, os.Stdin)
}
