// Package reports writes a station's figures as files that can be handed upward. It imports models only, and is the
// only place that knows a PDF or spreadsheet library: handlers reach it through an interface of their own.
package reports

// Writer writes reports. It keeps nothing.
type Writer struct{}
