"""The order and directions of lines: a rural postman's tour, searched by annealing."""
