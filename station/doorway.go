package station

import (
	"slices"
	"strings"

	"xunfang/models"
)

// readWays reads the ways through a door; none where the file does not say.
func (r *reader) readWays(read object) []string {
	ways := []string{}
	for _, node := range read.list("ways") {
		way := r.text(node, "ways", anyRule)
		switch {
		case way == "":
		case !slices.Contains(models.DoorWays, way):
			r.mistakes.add(node.Line, "ways: wants one of %s, not %s", strings.Join(models.DoorWays, ", "), quoted(way))
		default:
			ways = append(ways, way)
		}
	}
	if models.CheckWays(ways) != nil {
		r.mistakes.add(read.lineOf("ways"), "ways: face must not be the only way in; the button is for leaving")
	}
	return ways
}
