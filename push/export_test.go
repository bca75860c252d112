package push

// Kinds are the kinds of alerts that have words of their own.
func Kinds() []string {
	kinds := make([]string, 0, len(phrases))
	for kind := range phrases {
		kinds = append(kinds, kind)
	}
	return kinds
}
