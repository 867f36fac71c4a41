// Package tap writes results in TAP 13 (testanything.org), with the names by which the programs of the validation suite call for it: they import
// github.com/mndrix/tap-go, which no Debian package has.
package tap

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// T counts and writes assertions.
type T struct {
	Writer io.Writer
	count  *int
	todo   bool
}

// New writes to standard output.
func New() *T { return &T{Writer: os.Stdout, count: new(int)} }

func (t *T) line(format string, args ...interface{}) { fmt.Fprintf(t.Writer, format+"\n", args...) }

func (t *T) assertion(result, description string) {
	*t.count++
	if t.todo {
		description = "# TODO " + description
	} else if !strings.HasPrefix(description, "# ") {
		description = "- " + description
	}
	t.line("%s %d %s", result, *t.count, description)
}

// Todo is for assertions that are known not to hold yet.
func (t *T) Todo() *T { return &T{Writer: t.Writer, count: t.count, todo: true} }

// Header comes first. How many assertions there will be is said if it is known.
func (t *T) Header(count int) {
	t.line("TAP version 13")
	if count > 0 {
		t.line("1..%d", count)
	}
}

// AutoPlan comes last, where that was not known.
func (t *T) AutoPlan() { t.line("1..%d", *t.count) }

// Ok is an assertion.
func (t *T) Ok(holds bool, description string) {
	if holds {
		t.Pass(description)
	} else {
		t.Fail(description)
	}
}

// Pass is one that holds.
func (t *T) Pass(description string) { t.assertion("ok", description) }

// Fail is one that does not.
func (t *T) Fail(description string) { t.assertion("not ok", description) }

// Skip is so many that cannot be made here.
func (t *T) Skip(count int, description string) {
	for i := 0; i < count; i++ {
		t.assertion("ok", "# SKIP "+description)
	}
}

// Diagnostic is for people.
func (t *T) Diagnostic(message string) { t.line("# %s", strings.ReplaceAll(message, "\n", "\n# ")) }

// Diagnosticf is the same, formatted.
func (t *T) Diagnosticf(format string, args ...interface{}) {
	t.Diagnostic(fmt.Sprintf(format, args...))
}

// YAML says more of the last assertion. JSON is YAML.
func (t *T) YAML(about interface{}) error {
	text, err := json.MarshalIndent(about, "  ", "  ")
	if err == nil {
		t.line("  ---\n  %s\n  ...", text)
	}
	return err
}
