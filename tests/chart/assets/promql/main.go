// Evaluates PromQL over made-up series: the arbiter of the tests of the charts' alerts.
//
// Reads from standard input {"series": "<the load block of Prometheus' own tests>", "queries": [{"expr", "atSeconds"}]}
// and writes, for each query, the label sets of the result as a list.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"time"

	"github.com/prometheus/prometheus/promql/promqltest"
)

type query struct {
	Expr      string `json:"expr"`
	AtSeconds int64  `json:"atSeconds"`
}

type input struct {
	Series  string  `json:"series"`
	Queries []query `json:"queries"`
}

func main() {
	log.SetFlags(0)
	var asked input
	check(json.NewDecoder(os.Stdin).Decode(&asked))
	loader, err := promqltest.NewLazyLoader(asked.Series, promqltest.LazyLoaderOpts{})
	check(err)
	defer loader.Close()
	answers := make([][]map[string]string, 0, len(asked.Queries))
	for _, one := range asked.Queries {
		answers = append(answers, evaluate(loader, one))
	}
	check(json.NewEncoder(os.Stdout).Encode(answers))
}

func evaluate(loader *promqltest.LazyLoader, one query) []map[string]string {
	at := time.Unix(one.AtSeconds, 0)
	found := []map[string]string{}
	loader.WithSamplesTill(at, func(err error) {
		check(err)
		asked, err := loader.QueryEngine().NewInstantQuery(context.Background(), loader.Queryable(), nil, one.Expr, at)
		check(err)
		defer asked.Close()
		vector, err := asked.Exec(context.Background()).Vector()
		check(err)
		for _, sample := range vector {
			found = append(found, sample.Metric.Map())
		}
	})
	return found
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

